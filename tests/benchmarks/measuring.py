"""Both designs in alternating rounds: a slower machine slows both."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from functions.publish_events.handler import StreamEvent
from tests.benchmarks import load, ours, plain, stages
from tests.benchmarks.load import BATCH, Context
from tests.benchmarks.units import Change
from tests.benchmarks.wire import Wire

# A round of either takes about as long, so that both have the same chance of a quiet one.
BATCHES_OF_OURS = 5
PLAIN_RECORDS = 100
MICRO = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Microseconds of CPU per record, one figure a round."""

    ours: Sequence[float]
    plain: Sequence[float]

    @property
    def ratio(self) -> float:
        """Return the ratio of both designs, each in its best round: noise only ever adds."""
        return min(self.plain) / min(self.ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """The calls of one full batch."""

    ours: Mapping[str, int]
    plain: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """All results of a run."""

    timing: Timing
    traffic: Traffic
    stages: Mapping[str, float]
    codec: Mapping[str, float]


def measure(wire: Wire, changes: Sequence[Change], *, rounds: int) -> Measurement:
    """Count one batch of each design, time `rounds` rounds, then measure the stages.

    `changes` are those of the ledger while the first batch was issued.
    """
    fresh = _fresh_batches()
    sign_ups, stream = next(fresh), ours.stream_of(changes)
    ours.issue(sign_ups)  # loads programs, secrets and endpoints
    ours.publish(stream)
    with wire.counted() as calls:
        ours.issue(sign_ups)
        ours.publish(stream)
    with wire.counted() as calls_of_plain:
        plain.handler(next(fresh), Context())
    return Measurement(
        timing=_timed(sign_ups, stream, fresh, rounds=rounds),
        traffic=Traffic(ours=calls, plain=calls_of_plain),
        stages=_stages(sign_ups, stream, rounds=rounds * BATCHES_OF_OURS),
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
        some = {"Records": next(fresh)["Records"][:PLAIN_RECORDS]}
        theirs.append(_cpu(partial(plain.handler, some, Context())))
    return Timing(
        ours=[each / BATCHES_OF_OURS / BATCH for each in mine],
        plain=[each / PLAIN_RECORDS for each in theirs],
    )


def _whole(sign_ups: load.SqsEvent, stream: Sequence[StreamEvent], *, times: int) -> None:
    for _ in range(times):
        ours.issue(sign_ups)
        ours.publish(stream)


def _stages(
    sign_ups: load.SqsEvent, stream: Sequence[StreamEvent], *, rounds: int
) -> Mapping[str, float]:
    """Return the stages of the best round."""
    best: Mapping[str, int] = {}
    for _ in range(rounds):
        with stages.stopwatch() as watch:
            _whole(sign_ups, stream, times=1)
        if not best or sum(watch.spent.values()) < sum(best.values()):
            best = watch.spent
    return {name: spent / BATCH / 1000 for name, spent in best.items()}


def _cpu(work: Callable[[], object]) -> float:
    """Return the microseconds that all threads of this process spend on it."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * MICRO
