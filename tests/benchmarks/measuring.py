"""Both designs in alternating rounds, shape by shape: a slower machine slows both."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from statistics import fmean

from tests.benchmarks import load, ours, plain, stages
from tests.benchmarks.load import Context, SqsEvent
from tests.benchmarks.shapes import PLAIN_MOST, Shape
from tests.benchmarks.wire import Wire

MICRO = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Microseconds of CPU per record, one figure a round."""

    ours: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return the ratio of the best rounds: noise only ever adds."""
        return min(self.plain) / min(self.ours)

    @property
    def ratio_of_means(self) -> float:
        """Return the ratio of all rounds, with what a best round hides: garbage collection."""
        return fmean(self.plain) / fmean(self.ours)


class Bench:
    """The sign-ups of each shape, and what they took."""

    def __init__(self, *shapes: Shape) -> None:
        self._fresh = count(load.BATCH)
        self.timings = {shape: Timing() for shape in shapes}
        self.sign_ups = {
            shape: load.batch(first=0, size=shape.batch, watches=shape.watches) for shape in shapes
        }

    def warm(self) -> None:
        """Load programs, secrets and endpoints, and open all connections."""
        for sign_ups in self.sign_ups.values():
            ours.issue(sign_ups)
        self._of_plain(1)

    def calls(self, wire: Wire, shape: Shape) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Return the calls to AWS of one batch, and those of as many records one by one."""
        with wire.counted() as mine:
            ours.issue(self.sign_ups[shape])
        with wire.counted() as theirs:
            for _ in range(shape.batch // PLAIN_MOST):
                self._of_plain(PLAIN_MOST)
        return mine, theirs

    def rounds(self, number: int) -> None:
        """Time them all so many times."""
        for each in range(number):
            sys.stderr.write(f"\rround {each + 1} of {number}" + "\n" * (each + 1 == number))
            for shape, timing in self.timings.items():
                spent = _cpu(partial(_issue, self.sign_ups[shape], shape))
                timing.ours.append(spent / shape.records)
                timing.plain.append(self._plainly(shape))

    def stages(self, shape: Shape, *, rounds: int) -> Mapping[str, float]:
        """Return the stages of the best round."""
        best: Mapping[str, int] = {}
        for _ in range(rounds):
            with stages.stopwatch() as watch:
                ours.issue(self.sign_ups[shape])
            if not best or sum(watch.spent.values()) < sum(best.values()):
                best = watch.spent
        return {name: spent / shape.batch / 1000 for name, spent in best.items()}

    def _plainly(self, shape: Shape) -> float:
        batches = [self._records(shape.plain_batch) for _ in range(shape.plain_times)]
        spent = _cpu(partial(_in_plain, batches))
        return spent / (shape.plain_batch * shape.plain_times)

    def _of_plain(self, size: int) -> None:
        _in_plain([self._records(size)])

    def _records(self, size: int) -> SqsEvent:
        """Return records that Powertools has not seen: it remembers them in memory."""
        return {"Records": [load.record(number) for number in _some(self._fresh, size)]}


def _some(numbers: Iterator[int], size: int) -> list[int]:
    return [next(numbers) for _ in range(size)]


def _issue(sign_ups: SqsEvent, shape: Shape) -> None:
    for _ in range(shape.times):
        if shape.collectors > 1:
            ours.expect_another_pace()
        ours.issue(sign_ups)


def _in_plain(batches: Sequence[SqsEvent]) -> None:
    for batch in batches:
        plain.handler(batch, Context())


def _cpu(work: Callable[[], object]) -> float:
    """Return the microseconds that all threads of this process spend on it."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * MICRO
