"""Telling, once a day, that more watches have their turn than the budget allows."""

from datetime import timedelta

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.budget import DAY, Demand, PollAccount
from couponbus.domain.polling.notice import Notice, NoticeKind, budget_notice_id
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock
from couponbus.usecases.store import Store

TOLD_MAX = 1000  # remembered by a warm process, to spare a write for each tick
TENANT = "default"  # a budget belongs to the account, not to one of those who sign up


class BudgetNotices:
    """The row of the day is the memory: whoever comes second finds it."""

    def __init__(self, *, store: Store, clock: Clock, timing: Timing) -> None:
        """Tell through this ledger."""
        self._store = store
        self._clock = clock
        self._timing = timing
        self._told: set[str] = set()

    def tell(self, account: PollAccount, demand: Demand) -> bool:
        """Have it published if it is so, once a day; returns whether this is the first time today.

        Raises RowsBroken when that cannot be stored.
        """
        if not demand.is_throttled:
            return False
        now = self._clock.now()
        allowed = account.calls_per_day
        notice = Notice(
            notice_id=budget_notice_id(
                provider=account.provider, account=account.name, day=now.date().isoformat()
            ),
            what=NoticeKind.BUDGET_EXCEEDED,
            tenant=TENANT,
            provider=account.provider,
            account=account.name,
            noticed_at=now,
            calls_allowed=int(account.calls_per_second * DAY) if allowed is None else allowed,
            calls_due=int(demand.wanted * DAY),
            rest_kept=demand.rest_is_kept,
        )
        if notice.key in self._told:
            return False
        by = now + timedelta(seconds=self._timing.publish_grace)
        try:
            is_new = self._store.put(notice.to_publish(by=by))
        except LedgerUnavailable:
            return False  # the next tick finds the same
        self._told = {notice.key, *self._told} if len(self._told) < TOLD_MAX else {notice.key}
        return is_new
