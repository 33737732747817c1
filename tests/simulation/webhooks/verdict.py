"""What must be true of webhooks when a run is at rest (docs/reliability.md#invariants)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.webhooks.history_page import events_in
from tests.simulation.polling.verdict import texts
from tests.simulation.webhooks.judging_deliveries import DeliveryJudge
from tests.simulation.webhooks.judging_endpoints import judged_endpoint
from tests.simulation.webhooks.judging_replays import judged_replay
from tests.simulation.webhooks.run import WebhookRun
from tests.simulation.webhooks.vault import canaries


class WebhookVerdict:
    """Compares the end of a run with the published events and their subscribers."""

    def __init__(self, run: WebhookRun) -> None:
        self._run = run
        self._witness = run.witness

    def problems(self) -> Iterator[str]:
        yield from self._history()
        yield from DeliveryJudge(self._run).problems()
        for subscriber in self._run.scenario.subscribers:
            yield from judged_endpoint(self._run, subscriber)
        for resent in self._run.resenders.all:
            yield from judged_replay(self._run, resent)
        yield from self._witness.unpublished()
        yield from self._messages()
        yield from self._punctuality()
        yield from self._secrecy()

    def _history(self) -> Iterator[str]:
        remembered: dict[str, list[str]] = defaultdict(list)
        for each in events_in(self._run.ledger.rows.values()):
            remembered[each.event_id].append(each.body)
        for event_id in self._run.rule.arrived:
            if event_id not in remembered:
                yield f"W1 {event_id}: published, and not remembered"
            event = self._run.rule.first[event_id].model_dump(mode="json")
            for body in map(json.loads, remembered[event_id]):
                if (body["metadata"], body["data"]) != (event["metadata"], event["data"]):
                    yield f"W2 {event_id}: remembered as something else"

    def _messages(self) -> Iterator[str]:
        for queue in self._run.queues:
            if queue.dead or queue.messages:
                yield f"W1 {len(queue.dead)} messages died, {len(queue.messages)} are left"
            if queue.sent != queue.deleted:
                yield f"W1 {queue.sent} messages sent, {queue.deleted} deleted"
        records = {record.message_id for record in self._run.ground.quarantine.records}
        if len(records) != len(self._run.scenario.garbage):
            yield f"W1 {len(records)} records for {len(self._run.scenario.garbage)} of garbage"

    def _punctuality(self) -> Iterator[str]:
        """An invocation that was not slowed down ends before Lambda ends it."""
        for one in self._run.world.overran:
            if not one.was_slowed:
                yield f"W6 {one.name} {one.serial}: at work until Lambda ended it"

    def _secrecy(self) -> Iterator[str]:
        """Secrets and full numbers are only where they are needed."""
        hidden = [*canaries(self._run.vault), *self._run.numbers.values()]
        for row in self._run.ledger.rows.values():
            unpacked = (event.body for event in events_in([row]))
            if not isinstance(row, Issuance) and _has_any(hidden, (*texts(row), *unpacked)):
                yield f"W5 {row.key}: holds a secret"
        commands = (body for queue in self._run.delivery_queues for body in queue.bodies)
        if _has_any(hidden, commands):
            yield "W5 a command holds a secret"
        if _has_any(hidden, self._witness.bodies.values()):
            yield "W5 an event holds a secret"
        records = (one.model_dump_json() for one in self._run.ground.quarantine.records)
        if _has_any(hidden, records):
            yield "W5 a record holds a secret"


def _has_any(hidden: list[str], shown: Iterable[str]) -> bool:
    return any(one in text for text in shown for one in hidden)
