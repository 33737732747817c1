"""Both designs in turn, round by round: whatever slows this machine down slows both."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from statistics import median

from functions.publish_events.handler import StreamEvent
from tests.benchmarks import load, ours, plain, stages
from tests.benchmarks.load import BATCH, Context
from tests.benchmarks.wire import Wire

BATCHES_OF_OURS = 4  # one takes a tenth of the time of a plain one
MICRO = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Microseconds of CPU per record, one figure a round."""

    ours: Sequence[float]
    plain: Sequence[float]

    @property
    def ratio(self) -> float:
        """How many times faster ours is: the median of what the rounds say."""
        return median(slow / fast for slow, fast in zip(self.plain, self.ours, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What one full batch asks of others."""

    ours: Mapping[str, int]
    plain: Mapping[str, int]
    table_units: float
    index_units: float
    plain_units: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """Everything that a run finds out."""

    timing: Timing
    traffic: Traffic
    stages: Mapping[str, float]
    codec: Mapping[str, float]


def measure(wire: Wire, *, rounds: int) -> Measurement:
    """Count one batch of each, then time so many rounds, then take ours apart."""
    fresh = _fresh_batches()
    sign_ups = next(fresh)
    wire.counting = True
    ours.issue(sign_ups)  # the first batch also loads programs, secrets and endpoints
    changes = list(wire.units.changes)
    stream = ours.stream_of(changes)
    wire.forget()
    ours.issue(next(fresh))
    later = ours.stream_of(wire.units.changes)
    ours.publish(later)
    calls, table, index = dict(wire.calls), wire.units.per_row(), wire.units.per_row_in_indexes()
    wire.forget()
    plain.handler(next(fresh), Context())
    traffic = Traffic(
        ours=calls,
        plain=dict(wire.calls),
        table_units=table,
        index_units=index,
        plain_units=wire.units.all_of_table() / BATCH,
    )
    wire.counting = False
    return Measurement(
        timing=_timed(sign_ups, stream, fresh, rounds=rounds),
        traffic=traffic,
        stages=_stages(sign_ups, stream, times=rounds * BATCHES_OF_OURS),
        codec=stages.codec(ours.row_of(changes[-1]), times=500),
    )


def _fresh_batches() -> Iterator[load.SqsEvent]:
    return (load.batch(first=first) for first in count(0, BATCH))


def _timed(
    sign_ups: load.SqsEvent,
    stream: Sequence[StreamEvent],
    fresh: Iterator[load.SqsEvent],
    *,
    rounds: int,
) -> Timing:
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        mine.append(_cpu(partial(_whole, sign_ups, stream, times=BATCHES_OF_OURS)))
        # Powertools remembers in memory what it has seen: a repeated batch would cost nothing.
        theirs.append(_cpu(partial(plain.handler, next(fresh), Context())))
    return Timing(ours=[each / BATCHES_OF_OURS for each in mine], plain=theirs)


def _whole(sign_ups: load.SqsEvent, stream: Sequence[StreamEvent], *, times: int) -> None:
    for _ in range(times):
        ours.issue(sign_ups)
        ours.publish(stream)


def _stages(
    sign_ups: load.SqsEvent, stream: Sequence[StreamEvent], *, times: int
) -> Mapping[str, float]:
    with stages.stopwatch() as watch:
        _whole(sign_ups, stream, times=times)
    return {name: spent / times / BATCH / 1000 for name, spent in watch.spent.items()}


def _cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) / BATCH * MICRO
