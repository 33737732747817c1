"""The share of each Coniq account in a tick: as many rows as its pace allows until the next."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.circuit_breaker import Purpose
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.resolution import Resolution
from couponbus.domain.rate_limit import SHARE_OF_LIMIT, Outlook
from couponbus.domain.row import Row
from couponbus.events.commands import KEYS_PER_COMMAND
from couponbus.ports.shared import Clock, RateLimiter

TICK = 60.0  # seconds between two ticks
SHARE = 0.85  # of the pace; the rest is for sign-ups that come meanwhile
LOOK_UPS_PER_BATCH = 5
PROBES = 20  # rows that probe a provider in trouble, in one command
CLOSED = Outlook(opens_at=math.inf, troubled=True)
UNKNOWN_ACCOUNT = Outlook(opens_at=0.0, troubled=True)

type CallKind = tuple[str, Purpose]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBatch:
    """Rows for one command, which is delayed by `after` seconds."""

    after: int
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingShare:
    """The calls that one tick may plan for each account.

    POSTs and GETs have half of the calls each, and what the other does not need. While a breaker
    is open a few rows are handed over together: one of them is the probe, even if the first ones
    are refused before any call. The others stay due and unwritten.
    """

    limiter: RateLimiter
    accounts: Mapping[str, Account]
    clock: Clock
    broken: set[str] = field(default_factory=set, init=False)
    _outlooks: dict[CallKind, Outlook] = field(default_factory=dict, init=False)
    _calls: Counter[CallKind] = field(default_factory=Counter, init=False)
    _rows: Counter[CallKind] = field(default_factory=Counter, init=False)
    _finished: set[Purpose] = field(default_factory=set, init=False)

    def finish(self, purpose: Purpose) -> None:
        """Leave what is left of the calls to the other purpose: no more rows come for this one."""
        self._finished.add(purpose)

    def has_room(self, purpose: Purpose) -> bool:
        """Whether a row of any account could be handed over. Raises LedgerUnavailable."""
        return any(self._admits((account, purpose)) for account in self.accounts)

    def braked(self) -> int:
        """Return how many accounts are braked: no POST is sent.

        Raises LedgerUnavailable, also where a pace cannot be read: it may hold a brake.
        """
        outlooks = [self._outlook((account, Purpose.POST)) for account in self.accounts]
        if self.broken:
            raise LedgerUnavailable("pace unreadable", code="pace:broken")
        return sum(outlook.braked for outlook in outlooks)

    def batches(self, rows: Sequence[Row]) -> Sequence[CommandBatch]:
        """Return the rows that fit into this tick, in batches. Raises LedgerUnavailable."""
        found: dict[tuple[CallKind, int], CommandBatch] = {}
        others: list[Row] = []
        for row in rows:
            if not isinstance(row, Issuance | Resolution):
                others.append(row)
                continue
            kind = self._call_kind_of(row)
            if self._admits(kind):
                place = (kind, self._place(kind))
                after = self._after(kind)
                found.setdefault(place, CommandBatch(after=after)).rows.append(row)
                self._rows[kind] += 1
                self._calls[kind] += self._cost(row)  # type: ignore[assignment]
        chunks = range(0, len(others), KEYS_PER_COMMAND)
        at_once = [CommandBatch(after=0, rows=others[i : i + KEYS_PER_COMMAND]) for i in chunks]
        return [*found.values(), *at_once]

    def take_back(self, rows: Sequence[Row]) -> None:
        """Give the calls of rows that could not be handed over back to the share."""
        for row in rows:
            if isinstance(row, Issuance | Resolution):
                kind = self._call_kind_of(row)
                self._rows[kind] -= 1
                self._calls[kind] -= self._cost(row)  # type: ignore[assignment]

    def _call_kind_of(self, row: Issuance | Resolution) -> CallKind:
        """Return the calls that a row needs; a look-up before a POST is useless without it."""
        posts = (row.account, Purpose.POST)
        if row.state is not IssuanceState.PENDING:
            return row.account, Purpose.GET
        if isinstance(row, Issuance) and row.lookup_first and not self._outlook(posts).troubled:
            return row.account, Purpose.GET
        return posts

    def _admits(self, kind: CallKind) -> bool:
        outlook = self._outlook(kind)
        account, purpose = kind
        if outlook.troubled:
            most = PROBES if account in self.accounts else 1
            is_enough = self._rows[kind] >= most or self._calls[kind] >= LOOK_UPS_PER_BATCH
            return not is_enough and outlook.opens_at - self._now() <= TICK
        all_calls = self._calls_in_a_tick(account)
        other = Purpose.GET if purpose is Purpose.POST else Purpose.POST
        if other in self._finished or self._outlook((account, other)).troubled:
            return self._calls[kind] < all_calls - self._calls[account, other]
        return self._calls[kind] < all_calls / 2

    def _place(self, kind: CallKind) -> int:
        """Return the number of the kind's next batch: one for each POST, one for all probes."""
        if self._outlook(kind).troubled:
            return 0
        _, purpose = kind
        together = LOOK_UPS_PER_BATCH if purpose is Purpose.GET else 1
        return int(self._calls[kind] / together + 1e-9)

    def _after(self, kind: CallKind) -> int:
        """Return the seconds until the slot of the next call, counting those of both purposes."""
        account, _ = kind
        outlook = self._outlook(kind)
        if outlook.troubled:
            return max(math.ceil(outlook.opens_at - self._now()), 0)
        taken = sum(self._calls[account, purpose] for purpose in Purpose)
        return int(taken / self._calls_in_a_tick(account) * TICK)

    def _cost(self, row: Issuance | Resolution) -> float:
        """Return how much of a call a row needs."""
        is_look_up = row.state is not IssuanceState.PENDING
        if is_look_up or not isinstance(row, Issuance) or row.lookup_first:
            return 1.0
        account = self.accounts.get(row.account)
        most = account.batch_max if account else 1
        return 1.0 / min(row.batch_limit or most, most)

    def _calls_in_a_tick(self, account: str) -> float:
        return self.accounts[account].calls_per_second * SHARE_OF_LIMIT * SHARE * TICK

    def _outlook(self, kind: CallKind) -> Outlook:
        """Return the outlook of the rate limiter, as first read in this tick.

        A pace that cannot be read grants its own account no call. Raises LedgerUnavailable.
        """
        account, purpose = kind
        if account not in self.accounts:
            return UNKNOWN_ACCOUNT  # not configured: one row shows that there are some
        if kind not in self._outlooks:
            try:
                self._outlooks[kind] = self.limiter.outlook(account, purpose=purpose)
            except LedgerUnavailable as error:
                if not error.broken:
                    raise
                self.broken.update(error.broken)
                self._outlooks[kind] = CLOSED
        return self._outlooks[kind]

    def _now(self) -> float:
        return self.clock.now().timestamp()
