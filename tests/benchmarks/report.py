"""The figures as readable tables, and as the README keeps them."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from tests.benchmarks.load import BATCH
from tests.benchmarks.measuring import Measurement

SECOND = 1e6


def lines(found: Measurement) -> Iterator[str]:
    """Yield the report; its last line has the ratio."""
    yield "| design | records/s/core, median (best) | us of CPU per record, median (best) |"
    yield "|---|--:|--:|"
    yield _row("couponbus, issue_barcodes and publish_events", found.timing.ours)
    yield _row("plain Powertools, one record after the other", found.timing.plain)
    yield ""
    yield f"| calls per {BATCH} records | couponbus | plain |"
    yield "|---|--:|--:|"
    yield from _calls(found.traffic.ours, found.traffic.plain)
    yield ""
    yield "| stage of couponbus | us of CPU per record |"
    yield "|---|--:|"
    for name, spent in sorted(found.stages.items(), key=lambda stage: -stage[1]):
        yield f"| {name} | {spent:.1f} |"
    for name, spent in found.codec.items():
        yield f"| (within the above, once each: {name}) | {spent:.1f} |"
    yield ""
    yield f"hot path / plain Powertools: {found.timing.ratio:.1f} x"


def machine() -> str:
    """Return the shape of this machine, not its name."""
    cores = os.cpu_count()
    return f"{cores} shared cores, {platform.machine()}, CPython {platform.python_version()}"


def _row(name: str, figures: Sequence[float]) -> str:
    middle, best = median(figures), min(figures)
    rates = f"{SECOND / middle:,.0f} ({SECOND / best:,.0f})"
    return f"| {name} | {rates} | {middle:,.0f} ({best:,.0f}) |"


def _calls(ours: Mapping[str, int], plain: Mapping[str, int]) -> Iterator[str]:
    for operation in sorted({*ours, *plain}):
        yield f"| {operation} | {ours.get(operation, 0)} | {plain.get(operation, 0)} |"
    yield f"| all of AWS | {sum(ours.values())} | {sum(plain.values())} |"
    yield f"| POST to the provider | 1 | {BATCH} |"
