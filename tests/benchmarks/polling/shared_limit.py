"""When the calls of many workers that share one limit arrive at the provider.

The rate limiter is the real one, on a table in memory (moto). Its client is locked around each
call, as the table itself would order them: the second worker finds that the state has changed.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count, takewhile
from threading import Lock
from typing import TYPE_CHECKING, cast

from couponbus.aws.clock import SystemClock
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Limits
from couponbus.ports.shared import RateLimiter
from couponbus.runtime.threads import ThreadedExecutor
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.polling.fetch import PollTarget, SnapshotFetcher
from couponbus.usecases.polling.pauses import Pausing
from couponbus.usecases.store import Store
from tests.benchmarks.polling.crowd import UNLIMITED
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.integration.aws.cloud import TABLE, a_cloud

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WORKERS = 50
THREADS_EACH = 5
LATENCY = 0.03
INVOCATIONS = 4  # one after the other, where a day allows fewer calls than there are
SECOND = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """When calls arrived, in seconds of one clock, under `limit` calls a second."""

    limit: float
    moments: Sequence[float]

    @property
    def busiest_second(self) -> int:
        """Return the most calls in any window of a second."""
        moments, most, first = sorted(self.moments), 0, 0
        for last, at in enumerate(moments):
            while at - moments[first] >= SECOND:
                first += 1
            most = max(most, last - first + 1)
        return most

    @property
    def a_second(self) -> float:
        """Return the mean rate from the first call to the last."""
        spread = max(self.moments) - min(self.moments)
        return (len(self.moments) - 1) / spread


class _Provider:
    """`ports.Redemptions` that records the time of each call."""

    def __init__(self) -> None:
        self.moments: list[float] = []

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
        del provider, account, promotion, user_id, list_filter, deadline
        self.moments.append(time.monotonic())
        time.sleep(LATENCY)
        return Snapshot(is_complete=True)


class _OneByOne:
    """The table's two calls that a rate limiter needs, never two at a time."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client = client
        self._lock = Lock()

    def get_item(self, **asked: object) -> object:
        return self._ordered(self._client.get_item, asked)

    def put_item(self, **asked: object) -> object:
        return self._ordered(self._client.put_item, asked)

    def _ordered(self, call: Callable[..., object], asked: Mapping[str, object]) -> object:
        with self._lock:
            return call(**asked)


def arrivals(*, limit: float, a_day: int | None, calls: int) -> Arrivals:
    """Let the workers share `calls` calls, all beginning at once.

    All calls are made, however late the machine is, unless a day allows fewer.
    """
    account = replace(UNLIMITED, calls_per_second=limit, calls_per_day=a_day)
    with a_cloud() as cloud:
        limiter = DynamoRateLimiter(
            client=cast("DynamoDBClient", _OneByOne(cloud.clients.dynamodb)),
            table=TABLE,
            clock=SystemClock(),
            provider=Provider.UNIQODO,
            limits={"main": Limits(calls_per_second=limit, calls_per_day=a_day)},
        )
        provider = _Provider()
        with ThreadPoolExecutor(max_workers=WORKERS) as workers:
            shares = [range(each, calls, WORKERS) for each in range(WORKERS)]
            for done in [
                workers.submit(_work, provider, limiter, account=account, numbers=share)
                for share in shares
            ]:
                done.result()
    return Arrivals(limit=limit, moments=provider.moments)


def _work(
    provider: _Provider, limiter: RateLimiter, *, account: PollAccount, numbers: range
) -> None:
    """Do the work of invocations, one after the other, which share only the rate limiter."""
    clock = SystemClock()
    store = Store(ledger=MemoryLedger(), ids=CountingIds(), clock=clock)
    fetcher = SnapshotFetcher(
        redemptions=provider,
        limiters={Provider.UNIQODO: limiter},
        accounts={(Provider.UNIQODO, "main"): replace(account, calls_per_day=None)},
        pausing=Pausing(store=store, clock=clock),
        executor=ThreadedExecutor(size=THREADS_EACH),
        clock=clock,
    )
    run = Invocation(deadline=clock.now() + timedelta(minutes=5))
    waiting = {f"W{number}": _subject(number) for number in numbers}
    invocations = count() if account.calls_per_day is None else range(INVOCATIONS)
    for _ in takewhile(lambda _: waiting, invocations):
        for target, _ in fetcher.poll(list(waiting.values()), run=run):
            del waiting[target.watch_id]


def _subject(number: int) -> PollTarget:
    return PollTarget(
        watch_id=f"W{number}",
        provider=Provider.UNIQODO,
        account="main",
        promotion="a0" * 16,
        user_id=f"user-{number}",
        digest="",
    )
