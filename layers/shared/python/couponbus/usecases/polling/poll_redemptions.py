"""Polls the watches that the polls queue names or that are due, and records new redemptions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.cohort import Member, Span
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.row import own_keys
from couponbus.events.commands import PolledList, PollSpans, SpanReference
from couponbus.ports.polling import Cohorts
from couponbus.ports.shared import Clock
from couponbus.usecases.causes import (
    NO_TIME_LEFT,
    Cause,
    Failures,
    all_for,
    cause_of,
    first_of,
)
from couponbus.usecases.invocation import BatchResult, Invocation, Metric, bisect_batch, ids_of
from couponbus.usecases.messages import Message
from couponbus.usecases.polling.fetch import PollTarget, SnapshotFetcher
from couponbus.usecases.polling.pauses import Pausing
from couponbus.usecases.polling.poll_messages import Begun, PollArrivals, sort_poll_messages
from couponbus.usecases.polling.record import Seen, SnapshotRecorder, target_of
from couponbus.usecases.polling.stock_levels import StockLevels
from couponbus.usecases.quarantine import InvalidMessages
from couponbus.usecases.store import Store

if TYPE_CHECKING:
    from couponbus.usecases.polling.watch_commands import WatchRequests

PAUSED_FOR = timedelta(hours=1)
POLLS_PER_BATCH = 200
TO_RECORD = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRedemptions:
    """A message only says which watches to poll: their news is safe in the ledger or nowhere.

    So a failed poll does not have its message redelivered: a watch that was not seen is scheduled
    again, and a watch that must be seen is due in the ledger.
    """

    store: Store
    cohorts: Cohorts
    fetcher: SnapshotFetcher
    recorder: SnapshotRecorder
    stock_levels: StockLevels
    pausing: Pausing
    requests: Callable[[], "WatchRequests"]
    invalid_messages: InvalidMessages
    clock: Clock

    def handle(self, messages: Sequence[Message], *, deadline: datetime) -> BatchResult:
        """Do what can be done before `deadline`, the end of the invocation."""
        run = Invocation(deadline=deadline)
        handled = partial(self._handled, run=run)
        failed = bisect_batch(messages, handled, failed=ids_of, run=run)
        run.count(Metric.UNREPORTED_ANSWERS, self.fetcher.take_unreported())
        return run.report(failed=failed)

    def _handled(self, messages: Sequence[Message], *, run: Invocation) -> Failures:
        """Return the messages that must be redelivered."""
        arrivals = sort_poll_messages(messages)
        begun = self._carried_out(arrivals, run=run)
        invalid = [*arrivals.invalid, *begun.invalid]
        return first_of(
            begun.failed,
            self.invalid_messages.quarantine(invalid, run=run),
            self._polled(arrivals, begun.watches, run=run),
        )

    def _carried_out(self, arrivals: PollArrivals, *, run: Invocation) -> Begun:
        """Carry out an operator's commands on watches: they are rare, and so is what does it."""
        if not arrivals.customers and not arrivals.endings:
            return Begun()
        requests = self.requests()
        begun = requests.begin(arrivals.customers, run=run)
        begun.failed = first_of(begun.failed, requests.end(arrivals.endings, run=run))
        return begun

    def _polled(
        self, arrivals: PollArrivals, begun: Sequence[Watch], *, run: Invocation
    ) -> Failures:
        """Return the messages after which news may be neither stored nor due.

        Those of an account for which the others left no time are redelivered too.
        """
        targets: dict[str, PollTarget] = {}
        owed: dict[str, Watch] = {}
        failed: Failures = {}
        with run.leaving(len(begun), after=LedgerUnavailable):
            self._sort(begun, targets, owed, run=run)
        for hint in arrivals.hints:
            try:
                rows = self.store.read(own_keys(hint.command.keys, watch_key))
                run.broken.update(rows.broken)
                watches = rows.of(Watch)
                self._sort(watches, targets, owed, run=run)
            except LedgerUnavailable as error:
                failed[hint.message.message_id] = cause_of(error)
        for request in arrivals.spans:
            try:
                self._find_due(request.command, targets, run=run)
            except LedgerUnavailable as error:
                failed[request.message.message_id] = cause_of(error)
        # These first: no other worker would poll them before the sweeper enqueues them again.
        with run.leaving(len(owed), after=LedgerUnavailable):
            self.recorder.record(list(owed.values()), snapshots={}, run=run)
        unsafe = self._poll(list(targets.values()), run=run)
        if unsafe is None:
            unreached = _unreached(arrivals, targets.values(), run=run)
            return first_of(failed, all_for(NO_TIME_LEFT, unreached))
        asked = (one.message.message_id for one in (*arrivals.hints, *arrivals.spans))
        return first_of(failed, all_for(unsafe, asked))

    def _sort(
        self,
        watches: Sequence[Watch],
        targets: dict[str, PollTarget],
        owed: dict[str, Watch],
        *,
        run: Invocation,
    ) -> None:
        """Separate watches whose poll must be stored from the others. Raises LedgerUnavailable."""
        now = self.clock.now()
        resting: list[Watch] = []
        for watch in watches:
            if watch.state is WatchState.ENDED:
                continue
            must_store = watch.must_store_poll(now)
            if self.pausing.of(watch.provider, watch.account).holds(watch.promotion):
                run.count(Metric.PAUSED_WATCHES)
                resting += [watch] if must_store else []
            elif must_store:
                owed[watch.key] = watch
            else:
                targets[watch.watch_id] = target_of(watch)
        rested = self.store.write([watch.put_off(until=now + PAUSED_FOR) for watch in resting])
        run.broken.update(rested.broken)

    def _find_due(
        self, command: PollSpans, targets: dict[str, PollTarget], *, run: Invocation
    ) -> None:
        """Find the watches of due spans. Raises LedgerUnavailable."""
        if self.clock.now() > command.useless_after:
            run.count(Metric.LATE, len(command.spans))
            return
        pause = self.pausing.of(command.provider, command.account)
        for reference in command.spans:
            members = () if pause.reason is not None else self.cohorts.members(_span(reference))
            for member in members:
                if pause.holds(member.promotion):
                    run.count(Metric.PAUSED_WATCHES)
                else:
                    targets.setdefault(member.watch_id, _target(member, command))

    def _poll(self, targets: Sequence[PollTarget], *, run: Invocation) -> Cause | None:
        """Poll, and record the news; return why some of it is not safe, None if all is."""
        unsafe: Cause | None = None
        for chunk in batched(targets, POLLS_PER_BATCH, strict=False):
            early = replace(run, deadline=run.deadline - TO_RECORD)
            news: list[Seen] = []
            for target, snapshot in self.fetcher.poll(chunk, run=early):
                self.stock_levels.note(target, snapshot, run=run)
                if snapshot.digest != target.digest:
                    news.append((target, snapshot))
            snapshots = {watch_key(target.watch_id): snapshot for target, snapshot in news}
            try:
                watches = self.recorder.differing(news, run=run)
                self.recorder.record(watches, snapshots=snapshots, run=run)
            except LedgerUnavailable as error:
                unsafe = cause_of(error)
        return unsafe


def _unreached(
    arrivals: PollArrivals, targets: Iterable[PollTarget], *, run: Invocation
) -> Iterator[str]:
    """Yield the messages of accounts that were not reached."""
    for request in arrivals.spans:
        if (request.command.provider, request.command.account) in run.unreached:
            yield request.message.message_id
    keys = {
        watch_key(one.watch_id) for one in targets if (one.provider, one.account) in run.unreached
    }
    for hint in arrivals.hints:
        if not keys.isdisjoint(hint.command.keys):
            yield hint.message.message_id


def _span(reference: SpanReference) -> Span:
    return Span(
        cohort_key=reference.cohort,
        shard=reference.shard,
        first=reference.first,
        last=reference.last,
    )


def _target(member: Member, command: PollSpans) -> PollTarget:
    return PollTarget(
        watch_id=member.watch_id,
        provider=command.provider,
        account=command.account,
        promotion=member.promotion,
        user_id=member.user_id,
        digest=member.digest,
        list_filter=_filter(command.list_filter),
    )


def _filter(polled: PolledList | None) -> ListFilter | None:
    return None if polled is None else ListFilter(**polled.model_dump())
