"""Which worker may make an attempt, and when: each but the first is claimed, and used once."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from tests.simulation.ledger import Change
from tests.simulation.webhooks.requests import Request
from tests.simulation.world import BEGIN, Invocation

MINUTE, HOUR = 60.0, 3600.0
# After the first attempt, after the second, ...: what events/README.md promises to subscribers.
PAUSES = (5.0, 5 * MINUTE, *(HOUR * hours for hours in (0.5, 2, 5, 10, 14, 20, 24)))
MOST = len(PAUSES) + 1
JITTER = 0.1
CLOCKS_APART = 10.0
ROUNDING = 1.0


@dataclass(slots=True, kw_only=True)
class Claim:
    """An attempt; `until` is when other workers may try, by the clock of its holder.

    A first one is not claimed: `at` is when its worker last saw that the endpoint is active.
    """

    at: float
    by: Invocation
    round: int
    attempt: int
    until: float
    is_claimed: bool = True
    sent: Request | None = None
    done: bool = False

    def is_alive(self, now: float) -> bool:
        """Whether its holder may still use it, even with clocks that differ."""
        return not self.done and not self.by.over and now < self.until - CLOCKS_APART


class Claims:
    """Follows the deliveries of a run from claim to claim."""

    def __init__(self, report_violation: Callable[[str], None]) -> None:
        self.of: dict[str, list[Claim]] = defaultdict(list)
        self._report_violation = report_violation
        self._earliest: dict[str, float] = {}

    def changed(self, change: Change, row: Delivery, before: Delivery | None) -> None:
        """Follow a stored change of a delivery."""
        if before is None or row.round != before.round or change.by.name == "operator":
            self._earliest.pop(row.key, None)
            return
        claim = self._held(row.key, change.by)
        if claim is not None and not claim.is_claimed and before.claimed_until is None:
            self._first_made(row, before, claim)
            return
        if row.attempt > before.attempt or row.claimed_until != before.claimed_until is None:
            self._claimed(change, row, before)
            return
        if claim is None or before.claimed_until is None:
            return
        claim.done = True
        if row.attempt < before.attempt and claim.sent is not None:
            self._report_violation(
                f"W6 {row.key}: a claim was given back with which something was sent"
            )
        if row.state is DeliveryState.PENDING and row.attempt == before.attempt:
            self._earliest[row.key] = self._after(row, claim)

    def sending(self, key: str, by: Invocation, *, looked: float | None) -> Claim | None:
        """Return the attempt that this invocation makes; there must be an unused claim.

        A first attempt needs none: `looked` is when its worker last read its endpoint, None for
        any other.
        """
        claim = self._held(key, by)
        if claim is None and looked is not None:
            claim = Claim(at=looked, by=by, round=1, attempt=1, until=looked, is_claimed=False)
            self.of[key].append(claim)
        if claim is None or claim.done:
            self._report_violation(f"W6 {key}: sent without a claim")
        elif claim.sent is not None:
            self._report_violation(f"W6 {key}: sent twice with one claim")
        return claim

    def _first_made(self, row: Delivery, before: Delivery, claim: Claim) -> None:
        """Follow the stored outcome of a first attempt."""
        is_counted = (row.attempt, before.attempt) == (1, 0)
        if claim.sent is not None and not is_counted and row.state is DeliveryState.PENDING:
            self._report_violation(f"W6 {row.key}: a first attempt that was made does not count")
        claim.done = True
        if is_counted and row.state is DeliveryState.PENDING:
            self._earliest[row.key] = self._after(row, claim)

    def _held(self, key: str, by: Invocation) -> Claim | None:
        return next((one for one in reversed(self.of[key]) if one.by is by), None)

    def _claimed(self, change: Change, row: Delivery, before: Delivery) -> None:
        if row.attempt != before.attempt + 1 or row.attempt > MOST:
            self._report_violation(f"W6 {row.key}: attempt {row.attempt} after {before.attempt}")
        last = next(reversed(self.of[row.key]), None)
        is_alive = last is not None and last.round == row.round and last.is_alive(change.at)
        if is_alive:
            self._report_violation(f"W6 {row.key}: claimed while another claim is alive")
        if change.at < self._earliest.pop(row.key, change.at):
            self._report_violation(f"W6 {row.key}: attempt {row.attempt} comes too early")
        until = row.claimed_until
        self.of[row.key].append(
            Claim(
                at=change.at,
                by=change.by,
                round=row.round,
                attempt=row.attempt,
                until=change.at if until is None else (until - BEGIN).total_seconds(),
            )
        )

    def _after(self, row: Delivery, claim: Claim) -> float:
        """Return the time before which no worker may retry after a failed attempt."""
        if claim.sent is None or claim.sent.over_at is None:
            self._report_violation(f"W6 {row.key}: failed, though nothing was sent")
            return claim.at
        if row.attempt >= MOST:
            self._report_violation(f"W6 {row.key}: goes on after {row.attempt} attempts")
            return claim.at
        asked = min(claim.sent.asked or 0.0, HOUR)
        pause = max(PAUSES[row.attempt - 1] * (1 - JITTER), asked)
        return claim.sent.over_at + pause - CLOCKS_APART - ROUNDING
