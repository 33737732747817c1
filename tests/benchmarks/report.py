"""The figures of the hot path as readable tables."""

from collections.abc import Iterator, Mapping
from statistics import fmean

from tests.benchmarks.load import BATCH
from tests.benchmarks.measuring import Timing
from tests.benchmarks.shapes import Shape


def shapes(timings: Mapping[Shape, Timing]) -> Iterator[str]:
    """Yield the table of shapes."""
    yield "| sign-ups | us of CPU each: mean, best | plain: mean, best | ratio of means, of bests |"
    yield "|---|--:|--:|--:|"
    for shape, timing in timings.items():
        mine, theirs = (
            f"{fmean(each):,.0f}, {min(each):,.0f}" for each in (timing.ours, timing.plain)
        )
        ratios = f"{timing.ratio_of_means:.1f}, {timing.ratio:.1f}"
        yield f"| {shape.name} | {mine} | {theirs} | {ratios} |"


def calls(ours: Mapping[str, int], plain: Mapping[str, int]) -> Iterator[str]:
    """Yield the table of calls."""
    yield f"| calls per {BATCH} records | couponbus | plain |"
    yield "|---|--:|--:|"
    for operation in sorted({*ours, *plain}):
        yield f"| {operation} | {ours.get(operation, 0)} | {plain.get(operation, 0)} |"
    yield f"| all of AWS | {sum(ours.values())} | {sum(plain.values())} |"
    yield f"| POST to the provider | 1 | {BATCH} |"


def stages(spent: Mapping[str, float], codec: Mapping[str, float]) -> Iterator[str]:
    """Yield the table of stages."""
    yield "| stage of couponbus, in a full batch | us of CPU per record |"
    yield "|---|--:|"
    for name, micros in sorted(spent.items(), key=lambda stage: -stage[1]):
        yield f"| {name} | {micros:.1f} |"
    for name, micros in codec.items():
        yield f"| (within the above, once each: {name}) | {micros:.1f} |"
