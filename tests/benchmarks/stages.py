"""The CPU time of the hot path by stage, each without the stages inside of it."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.ledger import codec as row_codec
from couponbus.aws.ledger.writes import ConditionalWrites
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.row import Row
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.runtime.observability import Observability
from couponbus.usecases.issuing import issue_barcodes
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.publishing.publish_events import PublishEvents

# Only what is called a few times per batch: reading the clock costs a microsecond.
STAGES: Mapping[str, tuple[object, str]] = {
    "read and validate the messages": (issue_barcodes, "sort_messages"),
    "match programs, make rows": (IssueBarcodes, "_enrol"),
    "take a slot of the pace": (DynamoRateLimiter, "reserve"),
    "open, claim, commit, close (DynamoDB)": (ConditionalWrites, "write"),
    "POST to the provider": (ConiqBarcodes, "issue"),
    "issue_barcodes: decide": (IssueBarcodes, "handle"),
    "make events, put them on the bus": (EventBridgeBus, "publish"),
    "publish: decide": (PublishEvents, "publish"),
    "one log line, one metric record": (Observability, "report"),
}
HANDLER = "the handler"


class Stopwatch:
    """CPU time by stage, in nanoseconds, of all threads of this process."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, int] = defaultdict(int)
        self._inside: list[int] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the block for this stage, without the stages that it contains."""
        start = time.process_time_ns()
        self._inside.append(0)
        try:
            yield
        finally:
            whole = time.process_time_ns() - start
            self.spent[name] += whole - self._inside.pop()
            if self._inside:
                self._inside[-1] += whole

    def around[**P, R](self, work: Callable[P, R], name: str) -> Callable[P, R]:
        """Return `work` with its time counted."""

        def timed(*args: P.args, **kwargs: P.kwargs) -> R:
            with self.stage(name):
                return work(*args, **kwargs)

        return timed


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Time the stages until the block ends."""
    watch = Stopwatch()
    before = {name: getattr(owner, attribute) for name, (owner, attribute) in STAGES.items()}
    for name, (owner, attribute) in STAGES.items():
        setattr(owner, attribute, watch.around(before[name], name))
    try:
        with watch.stage(HANDLER):
            yield watch
    finally:
        for name, (owner, attribute) in STAGES.items():
            setattr(owner, attribute, before[name])


def codec(row: Row, *, times: int) -> Mapping[str, float]:
    """Return microseconds to write a row as an item, and to read it back."""
    item = row_codec.encode(row)
    return {
        "row to item": _microseconds(lambda: row_codec.encode(row), times=times),
        "item to row": _microseconds(lambda: row_codec.decode(item), times=times),
    }


def _microseconds(work: Callable[[], object], *, times: int) -> float:
    rounds = []
    for _ in range(5):
        start = time.process_time_ns()
        for _ in range(times):
            work()
        rounds.append((time.process_time_ns() - start) / times / 1000)
    return min(rounds)
