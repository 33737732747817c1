"""Whether a replay sends exactly the selected events, and reports how many they are."""

from collections.abc import Iterator, Sequence

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.usecases.webhooks.replay_selection import Which
from tests.simulation.webhooks.judging_deliveries import key_of, wants
from tests.simulation.webhooks.resending import Resent
from tests.simulation.webhooks.run import WebhookRun
from tests.simulation.webhooks.scenario import Subscriber
from tests.simulation.world import BEGIN

LAG = 20.0  # seconds that an index, or a clock, may be behind
WOKEN_WITHIN = 900.0


def judged_replay(run: WebhookRun, resent: Resent) -> Iterator[str]:
    """Yield what is wrong with a replay that is over."""
    if resent.ended_at is None or resent.audit is None:
        yield f"W8 {resent.replay_id}: never over"
        return
    pairs = [key for key in _meant(run, resent) if _is_certain(run, resent, key)]
    for key in pairs:
        if not run.witness.begun[key, resent.replay_id]:
            yield f"W8 {key}: {resent.replay_id} did not send it again"
    is_countable = resent.resending.which is Which.ALL and _endpoints_unchanged(run, resent)
    if is_countable and resent.audit.sent != resent.counted:
        yield f"W8 {resent.replay_id}: counted {resent.counted}, sent {resent.audit.sent}"


def _endpoints_unchanged(run: WebhookRun, resent: Resent) -> bool:
    """Whether its endpoints were the same from the first try to the end."""
    began, ended = resent.began[0], resent.ended_at or run.world.now
    return not any(
        began <= standing.at <= ended
        for standings in run.witness.standings.values()
        for standing in standings
    )


def _meant(run: WebhookRun, resent: Resent) -> Iterator[str]:
    """Yield the selected deliveries, for endpoints that were there all the time."""
    began, ended = resent.began[-1] - LAG, resent.ended_at or run.world.now
    resending = resent.resending
    for event in run.rule.first.values():
        change = run.witness.remembered.get(event.metadata.id)
        if change is None or change.at > began - LAG:
            continue
        event_at = (change.row.event_at - BEGIN).total_seconds()  # type: ignore[attr-defined]
        if not resending.since <= event_at < resending.until:
            continue
        if resending.kind is not None and event.detail_type != resending.kind:
            continue
        for subscriber in run.scenario.subscribers:
            is_named = resending.endpoint_id in (None, subscriber.endpoint_id)
            is_asked = is_named and subscriber.tenant == resending.tenant
            was_open = run.witness.was_open(subscriber.endpoint_id, resent.began[0], ended)
            if is_asked and was_open and wants(subscriber, event):
                yield key_of(subscriber, event)


def _is_certain(run: WebhookRun, resent: Resent, key: str) -> bool:
    """Whether the replay must have found the delivery in the state that it selects."""
    if resent.resending.which is Which.ALL:
        return True
    since, until = resent.began[0], resent.ended_at or run.world.now
    before = [one.row for one in run.witness.changes[key] if one.at < since]
    during = [one for one in run.witness.changes[key] if since <= one.at <= until]
    others = [
        one
        for one in during
        if not (isinstance(one.row, Delivery) and one.row.replay_id == resent.replay_id)
    ]
    row = before[-1] if before else None
    is_undelivered = row is None or (
        isinstance(row, Delivery) and row.state is DeliveryState.EXHAUSTED
    )
    return is_undelivered and not others


def slept_on(run: WebhookRun, subscriber: Subscriber) -> Iterator[str]:
    """Yield the deliveries held for a paused endpoint that were not sent after it was resumed."""
    endpoint_id = subscriber.endpoint_id
    standings = run.witness.standings[endpoint_id]
    if run.scenario.is_crowded:
        return  # a rate limit, or a slow platform, spreads them over more time
    for woken in run.operators.woken.get(endpoint_id, ()):
        until = woken + WOKEN_WITHIN
        is_undisturbed = not run.world.faults.suffered or woken > run.conditions.chaos
        if not is_undisturbed or not run.witness.was_active(endpoint_id, woken, until):
            continue
        since = max(one.at for one in standings if one.at <= woken)
        for row in run.delivery_rows():
            if row.endpoint_id != endpoint_id:
                continue
            changes = run.witness.changes[row.key]
            was_held = all(
                _is_untried([one.row for one in changes if one.at < at][-1:])
                for at in (since - LAG, woken)
            )
            tried = any(since <= one.at < until for one in run.witness.claims.of[row.key])
            if was_held and not tried:
                yield f"W9 {row.key}: not sent after {endpoint_id} was resumed"


def _is_untried(rows: Sequence[object]) -> bool:
    return any(
        isinstance(row, Delivery) and row.state is DeliveryState.PENDING and row.attempt == 0
        for row in rows
    )
