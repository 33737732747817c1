"""Providers in memory: what they show of each customer, and how they fail."""

from collections import deque
from collections.abc import Callable
from datetime import datetime

from couponbus.domain.errors import RequestRefused
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider

type Asked = tuple[Provider, str, str | None, str]


class MemoryRedemptions:
    """`shows` has the snapshot of each poll target, `shows_else` that of all others; `asked` lists
    the polls in their order, and `filters` those of their lists.

    `failures` are raised one by one, None lets a poll pass; `down` has what each poll of a provider
    raises; `before_answer` is called once, during a poll.
    """

    def __init__(self, *, shows_else: Snapshot | None = None) -> None:
        self.shows_else = shows_else
        self.down: dict[Provider, Exception] = {}
        self.shows: dict[Asked, Snapshot] = {}
        self.asked: list[Asked] = []
        self.filters: list[ListFilter | None] = []
        self.failures: deque[Exception | None] = deque()
        self.before_answer: Callable[[], None] | None = None

    def poll(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        list_filter: ListFilter | None,
        deadline: datetime,
    ) -> Snapshot:
        del deadline
        asked = (provider, account, promotion, user_id)
        self.asked.append(asked)
        self.filters.append(list_filter)
        failure = self.failures.popleft() if self.failures else self.down.get(provider)
        if failure is not None:
            raise failure
        snapshot = self.shows.get(asked, self.shows_else)
        if snapshot is None:
            raise RequestRefused("unknown", provider=provider, route="test")
        if self.before_answer is not None:
            meanwhile, self.before_answer = self.before_answer, None
            meanwhile()
        return snapshot
