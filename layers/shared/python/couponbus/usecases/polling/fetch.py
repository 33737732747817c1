"""Polls the providers for many watches at once, under the rate limiters that all workers share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from zlib import crc32

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    InputRejected,
    ProviderBusy,
    ProviderError,
    RequestRefused,
)
from couponbus.domain.health import Health
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import NoSlot, Obstacle, Reservation
from couponbus.ports.polling import Redemptions
from couponbus.ports.shared import Clock, Executor, RateLimiter
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.polling.pauses import Pausing
from couponbus.usecases.rate_limited_calls import CALL_TIMEOUT, SAVE_MARGIN, reservations

POLL_SLOT_WAIT = 20.0  # seconds; a slot is waited for, as the message is not redelivered for it
# No more than what threads can use at once (docs/performance.md#rate-limiting).
SLOTS_MAX = 20
SECONDS_PER_LEASE = 2.0
LATE = 0.05  # seconds after which a slot is lost: a late call would add to those of the next slots
FAILURES_IN_A_ROW = 5
CLOCK_SKEW = "clock_skew"
NOT_FOUND = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTarget:
    """The watch to poll, with the digest of its last snapshot.

    The first poll that a sign-up waits for `may_use_reserve` of the day's calls.
    """

    watch_id: str
    provider: Provider
    account: str
    promotion: str | None
    user_id: str = field(repr=False)
    digest: str
    list_filter: ListFilter | None = None
    may_use_reserve: bool = False


@dataclass(slots=True)
class _Flow:
    """What one account's answers have shown so far."""

    failures: int = 0
    has_begun: bool = False
    is_over: bool = False
    closed: set[str | None] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    target: PollTarget
    reservation: Reservation
    found: Snapshot | Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFetcher:
    """Polls the providers; nothing is stored here but pauses and the pace."""

    redemptions: Redemptions
    limiters: Mapping[Provider, RateLimiter]
    accounts: Mapping[tuple[Provider, str], PollAccount]
    pausing: Pausing
    executor: Executor
    clock: Clock

    def poll(
        self, targets: Sequence[PollTarget], *, run: Invocation
    ) -> Iterator[tuple[PollTarget, Snapshot]]:
        """Yield snapshots in the order of the answers; stop where further calls are useless.

        A target that is not yielded was not seen: it is polled again later, or due in the ledger.
        Accounts polled before may leave no time for another one; `run.unreached` has those.
        """
        for reserved in (True, False):
            mine = [target for target in targets if target.may_use_reserve is reserved]
            yield from self._poll_each(mine, run=run)

    def take_unreported(self) -> int:
        """Return how many answers no limiter could store since this was last called."""
        return sum(each.take_unreported() for each in self.limiters.values())

    def _poll_each(
        self, targets: Sequence[PollTarget], *, run: Invocation
    ) -> Iterator[tuple[PollTarget, Snapshot]]:
        groups: dict[tuple[Provider, str], list[PollTarget]] = {}
        for target in targets:
            groups.setdefault((target.provider, target.account), []).append(target)
        for key in _in_changing_order(groups, deadline=run.deadline):
            group, account = groups[key], self.accounts.get(key)
            if account is None:
                run.count(Metric.MISCONFIGURED, len(group))
                continue
            yield from self._poll(account, group, run=run)

    def _poll(
        self, account: PollAccount, group: Sequence[PollTarget], *, run: Invocation
    ) -> Iterator[tuple[PollTarget, Snapshot]]:
        flow = _Flow()
        seen = 0
        run.closed.pop(account.key, None)
        for answer in self.executor.run(self._jobs(account, group, flow, run=run)):
            run.count(Metric.POLLS)
            if isinstance(answer.found, Snapshot):
                flow.failures = 0
                seen += 1
                self._report(answer, health=Health.GOOD, retry_after=None)
                run.count(Metric.UNKNOWN_ERROR_CODES, len(answer.found.odd_codes))
                run.count(Metric.RECORDS_LEFT_OUT, answer.found.left_out)
                yield answer.target, answer.found
            else:
                self._note_failure(answer, answer.found, flow, run=run)
        run.count(Metric.UNPOLLED, len(group) - seen)

    def _jobs(
        self, account: PollAccount, group: Sequence[PollTarget], flow: _Flow, *, run: Invocation
    ) -> Iterator[Callable[[], _Answer]]:
        """Yield a job for each slot, when its time has come."""
        waiting = list(reversed(group))
        for reservation in self._slots(account, waiting, flow, run=run):
            while waiting and waiting[-1].promotion in flow.closed:
                waiting.pop()
            if not waiting:
                return
            yield partial(self._answer, waiting.pop(), reservation)

    def _slots(
        self, account: PollAccount, waiting: Sequence[PollTarget], flow: _Flow, *, run: Invocation
    ) -> Iterator[Reservation]:
        most = max(1, min(SLOTS_MAX, int(account.calls_per_second * SECONDS_PER_LEASE)))
        leaving = 0 if waiting[-1].may_use_reserve else account.reserved

        def reserve(calls: int) -> Reservation | NoSlot:
            limiter = self.limiters[account.provider]
            found = limiter.reserve(
                account=account.name,
                calls=min(most, calls),
                within=POLL_SLOT_WAIT,
                leaving=leaving,
            )
            if isinstance(found, NoSlot):
                run.count(Metric.ASKED_TO_WAIT, int(found.why is Obstacle.ASKED))
                run.closed[account.key] = found.until
            return found

        for reservation in reservations(reserve, left=waiting.__len__, run=run):
            for index in range(reservation.calls):
                if flow.is_over:
                    return
                if self.clock.now() + CALL_TIMEOUT + SAVE_MARGIN > run.deadline:
                    run.unreached.update(() if flow.has_begun else [account.key])
                    return
                if self._has_come(reservation, index):
                    flow.has_begun = True
                    yield reservation

    def _has_come(self, reservation: Reservation, index: int) -> bool:
        """Wait for a slot; one that has passed is lost, as the next one is for another call."""
        left = reservation.slot(index) - self.clock.now().timestamp()
        if left > 0:
            self.clock.sleep(left)
        return left > -LATE

    def _answer(self, target: PollTarget, reservation: Reservation) -> _Answer:
        """Return an error instead of raising it: one bad watch must not end the others' job."""
        try:
            found: Snapshot | Exception = self.redemptions.poll(
                provider=target.provider,
                account=target.account,
                promotion=target.promotion,
                user_id=target.user_id,
                list_filter=target.list_filter,
                deadline=self.clock.now() + CALL_TIMEOUT,
            )
        except Exception as error:
            found = error
        return _Answer(target=target, reservation=reservation, found=found)

    def _note_failure(
        self, answer: _Answer, error: Exception, flow: _Flow, *, run: Invocation
    ) -> None:
        run.count(Metric.FAILED_POLLS)
        if not isinstance(error, ProviderError):
            # A call that was not made says nothing about the account.
            self._report(answer, health=Health.GOOD, retry_after=None)
            if not isinstance(error, InputRejected):
                run.bugs.append(type(error).__name__)
            return
        health = self._health(answer.target, error, flow, run=run)
        retry_after = error.retry_after if isinstance(error, ProviderBusy) else None
        self._report(answer, health=health, retry_after=retry_after)
        flow.failures += int(health is Health.FAILING)
        is_closed = health in {Health.THROTTLED, Health.UNAUTHORISED}
        flow.is_over = flow.is_over or is_closed or flow.failures >= FAILURES_IN_A_ROW

    def _health(
        self, target: PollTarget, error: ProviderError, flow: _Flow, *, run: Invocation
    ) -> Health:
        """Return what an error says about the account; pause what an operator must look at."""
        if isinstance(error, ProviderBusy):
            run.count(Metric.ASKED_TO_WAIT)
            return Health.THROTTLED
        if isinstance(error, CredentialsRefused):
            run.count(Metric.UNAUTHORISED)
            # Skewed clocks and gateways may recover by themselves; a key does not become valid.
            if error.reason != CLOCK_SKEW and not isinstance(error, GatewayDenied):
                run.count(Metric.PAUSED)
                self.pausing.pause_account(target.provider, target.account, reason=error.reason)
            return Health.UNAUTHORISED
        if isinstance(error, RequestRefused):
            run.count(Metric.UNKNOWN_ERROR_CODES, len(error.codes))
            # An unknown promotion concerns all its watches, an unknown consumer only one.
            if target.promotion is not None and error.status == NOT_FOUND:
                run.count(Metric.PAUSED)
                self.pausing.pause_promotion(target.provider, target.account, target.promotion)
                flow.closed.add(target.promotion)
            return Health.GOOD
        if isinstance(error, ContractBroken):
            run.count(Metric.CONTRACT_BROKEN)
            return Health.FAILING if isinstance(error, GatewayAnswered) else Health.GOOD
        return Health.FAILING

    def _report(self, answer: _Answer, *, health: Health, retry_after: float | None) -> None:
        self.limiters[answer.target.provider].report(
            reservation=answer.reservation, health=health, retry_after=retry_after
        )


def _in_changing_order[K](accounts: Iterable[K], *, deadline: datetime) -> list[K]:
    """Order the accounts so that none is always the last one, for which no time is left."""
    return sorted(accounts, key=lambda one: crc32(f"{deadline} {one}".encode()))
