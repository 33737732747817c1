"""What must be true of polling when a run is at rest (docs/reliability.md#invariants)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta

from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.redemption import RedemptionList
from couponbus.domain.polling.snapshot import Snapshot, snapshot_of_offers, snapshot_of_redemptions
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from couponbus.events.commands import WatchCustomers
from couponbus.usecases.polling.record import cohorts_of
from tests.simulation.ledger import Change
from tests.simulation.polling.calm import neglected
from tests.simulation.polling.judging_first_polls import judged_first_polls
from tests.simulation.polling.judging_offers import judged_offer
from tests.simulation.polling.judging_uses import judged_use
from tests.simulation.polling.pacing import too_fast
from tests.simulation.polling.rounds import Round, rounds_of
from tests.simulation.polling.run import PollRun
from tests.simulation.polling.scenario import key_of
from tests.simulation.polling.truth import Truth
from tests.simulation.polling.witness import Stored
from tests.simulation.world import BEGIN

CLOCKS_APART = 8.0
ARRIVES_WITHIN = timedelta(minutes=5)


class PollVerdict:
    """Compares the end of a run with what the customers really did."""

    def __init__(self, run: PollRun) -> None:
        self._run = run
        self._witness = run.witness
        self._rows = run.ledger.rows

    def problems(self) -> Iterator[str]:
        for truth in self._run.scenario.truths:
            yield from self._redemptions(truth)
            if not self._run.world.faults.suffered and not self._run.scenario.outages:
                yield from neglected(self._run, truth, self.rounds(truth))
        for watch in self._run.watches.all():
            yield from self._next_poll(watch)
            yield from self._prolonged(watch)
        for key, stored in self._witness.stored.items():
            yield from self._validity(key, stored)
            for one in stored:
                yield from self._reason(key, one)
        for account in self._run.scenario.accounts:
            yield from too_fast(
                account, self._witness.asked[account.name], skew=self._run.conditions.habits.skew
            )
        yield from self._witness.unpublished()
        yield from self._sizes()
        yield from self._messages()
        yield from self._secrecy()

    def rounds(self, truth: Truth) -> list[Round]:
        """Return the rounds of a customer's watch."""
        watch = self._run.watches.of(truth.place)
        is_running = watch is not None and watch.state is not WatchState.ENDED
        return rounds_of(
            self._witness.stored[key_of(truth.place)],
            now=self._snapshot(truth) if is_running else None,
            is_new=truth.place in self._run.scenario.new,
        )

    def _snapshot(self, truth: Truth) -> Snapshot:
        answer = truth.answer(self._run.world.now)
        if isinstance(answer, RedemptionList):
            return snapshot_of_redemptions(answer)
        return snapshot_of_offers(answer)

    def _redemptions(self, truth: Truth) -> Iterator[str]:
        watch_id = key_of(truth.place).partition("#")[2]
        if key_of(truth.place) in self._witness.erased:
            return  # nothing is owed to an erased customer; what was published is judged elsewhere
        mine = [
            row
            for row in self._rows.values()
            if isinstance(row, RecordedRedemption) and row.watch_id == watch_id
        ]
        rounds = self.rounds(truth)
        yield from judged_first_polls(rounds, self._late_first_polls(watch_id))
        changes = self._witness.redemption_changes
        if truth.provider is Provider.UNIQODO:
            rows = {row.native_id or "": (row, changes.get(row.key, ())) for row in mine}
            for number in rows.keys() - {use.number for use in truth.uses}:
                yield f"P2 use {number}: it never was"
            for use in truth.uses:
                yield from judged_use(truth, use, rows, rounds)
            return
        for offer in truth.offers:
            of_offer = [
                change
                for row in mine
                if row.offer_id == offer.offer_id
                for change in changes.get(row.key, ())
            ]
            yield from judged_offer(offer, sorted(of_offer, key=_when), rounds)

    def _late_first_polls(self, watch_id: str) -> list[Notice]:
        return [
            row
            for row in self._rows.values()
            if isinstance(row, Notice)
            and row.kind is NoticeKind.FIRST_POLL_LATE
            and row.watch_id == watch_id
        ]

    def _next_poll(self, watch: Watch) -> Iterator[str]:
        if watch.state is WatchState.ENDED:
            if watch.due_at is not None:
                yield f"P5 {watch.key}: over, and yet due"
            return
        if watch.due_at is None:
            yield f"P5 {watch.key}: its end will never be found"
        is_late = watch.due_at is not None and watch.due_at > watch.last_poll_at
        if is_late and not self._run.stays_unclear(watch):
            yield f"P5 {watch.key}: due only when it is over"
        counts = self._run.ground.cohorts.memory.counts
        for cohort in (watch.age_cohort, watch.end_cohort):
            if cohort is not None and cohort not in counts:
                yield f"P5 {watch.key}: its cohort is not registered, so it is never due"

    def _validity(self, key: str, stored: Sequence[Stored]) -> Iterator[str]:
        """Each change of why a code is not valid is published once, as a poll showed it.

        An error that is not shown may be kept: what shows less than the poll before proves nothing.
        """
        kept: list[tuple[str, ...]] = [()]
        for one in stored:
            errors = one.row.code_errors
            shown = set() if one.poll is None else set(map(str, one.poll.snapshot.code_errors))
            if not shown <= set(errors) <= shown | set(kept[-1]):
                yield f"P3 {key}: a poll showed the errors {shown}, and {errors} are kept"
            kept += [errors] if errors != kept[-1] else []
        published = self._witness.validity[key]
        if published != kept[1:]:
            yield f"P2 {key}: the validity {kept[1:]} of its code was published as {published}"

    def _sizes(self) -> Iterator[str]:
        """A cohort is never counted too small, and too large only after a fault or a conflict.

        A worker counts a watch before it stores it, and takes no count back: its write may be
        the one that was overtaken, so the count would be too small.
        """
        counts = self._run.ground.cohorts.memory.counts
        overtaken = Counter(
            cohort
            for row in self._run.ledger.overtaken
            if isinstance(row, Watch)
            for cohort in cohorts_of(row)
        )
        rows = Counter(cohort for watch in self._run.watches.all() for cohort in cohorts_of(watch))
        for cohort in sorted({*counts, *rows}, key=lambda each: each.key):
            surplus = counts[cohort] - rows[cohort]
            may_exceed = surplus <= overtaken[cohort] or self._run.world.faults.suffered
            if surplus < 0 or not may_exceed:
                yield f"P11 {cohort.key}: counted {counts[cohort]}, and has {rows[cohort]}"

    def _prolonged(self, watch: Watch) -> Iterator[str]:
        """A horizon counts from the latest sign-up that found the watch alive."""
        if self._run.world.faults.suffered or watch.reason != EndReason.HORIZON:
            return
        horizon = timedelta(seconds=watch.poll_policy.horizon_seconds)
        for moment in self._sign_ups(watch):
            was_seen = moment + ARRIVES_WITHIN < watch.ends_at
            if was_seen and watch.ends_at < moment + horizon - timedelta(seconds=CLOCKS_APART):
                yield f"P5 {watch.key}: a later sign-up did not prolong it"

    def _sign_ups(self, watch: Watch) -> Iterable[datetime]:
        """Return when each sign-up of the customer to a program that watches here came first."""
        first: dict[str, float] = {}
        scenario = self._run.scenario
        for at, body in sorted([*scenario.messages, *scenario.live]):
            if '"WatchCustomers"' not in body:
                continue
            command = WatchCustomers.model_validate_json(body)
            customer = command.customers[0]
            program = scenario.program(command.program)
            names = {
                Provider.UNIQODO: customer.uniqodo_user_id,
                Provider.KOUPON: customer.koupon_consumer,
            }
            watched = {(order.provider, names[order.provider]) for order in program.watches}
            if (watch.provider, watch.user_id) in watched:
                first.setdefault(customer.reference, at)
        return [BEGIN + timedelta(seconds=at) for at in first.values()]

    def _reason(self, key: str, stored: Stored) -> Iterator[str]:
        """An end must be seen by a poll, and at the time when it comes."""
        row, poll = stored.row, stored.poll
        if row.state is not WatchState.ENDED or row.reason == EndReason.CANCELLED:
            return
        if poll is None:
            yield f"P5 {key}: {row.reason}, without a poll"
            return
        asked = self._run.world.moment() + timedelta(seconds=poll.at - self._run.world.now)
        is_over = asked >= row.last_poll_at - timedelta(seconds=CLOCKS_APART)
        if row.reason == EndReason.USED_UP:
            if row.used_up_at is None or not is_over:
                yield f"P5 {key}: {row.reason}, before its grace was over"
        elif not is_over:
            yield f"P5 {key}: {row.reason}, but the last poll came before"
        elif (row.reason == EndReason.HORIZON) is not (row.last_poll_at == row.ends_at):
            yield f"P5 {key}: {row.reason} is the wrong reason"

    def _messages(self) -> Iterator[str]:
        queue = self._run.queue
        if queue.dead:
            yield f"P5 {len(queue.dead)} messages died although all was well"
        if queue.sent != queue.deleted:
            yield f"P5 {queue.sent} messages sent, {queue.deleted} deleted"
        records = {record.message_id for record in self._run.ground.quarantine.records}
        if len(records) != self._run.scenario.garbage:
            yield f"P5 {len(records)} records for {self._run.scenario.garbage} unusable messages"

    def _secrecy(self) -> Iterator[str]:
        """No event names a customer, and nothing is left of an erased one."""
        published = list(self._witness.bodies.values())
        published += [one.model_dump_json() for one in self._run.ground.quarantine.records]
        for person in self._run.scenario.people:
            if any(name in text for name in person.names for text in published):
                yield "P7 an event names a customer"
        gone = {
            truth.user_id
            for truth in self._run.scenario.truths
            if key_of(truth.place) in self._witness.erased
        }
        for row in self._rows.values():
            if any(name in text for name in gone for text in texts(row)):
                yield f"P7 {row.key}: names an erased customer"


def _when(change: Change) -> float:
    return change.at


def texts(value: object) -> Iterator[str]:
    """Yield every text in a row, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from texts(each)
    elif is_dataclass(value):
        for each in fields(value):
            yield from texts(getattr(value, each.name))
