"""The table at the end of a run: the figures, then the promises."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from statistics import mean

from rich.table import Table

from couponbus_sandbox.demo.checks import Check, posts_max
from couponbus_sandbox.demo.facts import Facts

type Line = tuple[str, str, str]


def figures(facts: Facts, *, phases: Mapping[str, float]) -> Table:
    """Return what was counted; durations are in seconds by phase."""
    return table_of(chain(_input(facts), _outcome(facts), _calls(facts), durations(phases)))


def table_of(lines: Iterable[Line]) -> Table:
    """Return lines of a name, a number and a note."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_column(style="dim")
    for line in lines:
        table.add_row(*line)
    return table


def promises(checks: Sequence[Check]) -> Table:
    """Return each promise and whether it was kept."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for check in checks:
        word = f"[red]BROKEN {check.broken} x[/red]" if check.broken else "[green]kept[/green]"
        table.add_row(check.promise, word)
    return table


def _input(facts: Facts) -> Iterator[Line]:
    load = facts.load
    note = f"{load.duplicates} duplicates, {load.bad} bad"
    yield "sign-ups in", str(len(load.details)), note
    yield "barcodes owed", str(len(load.owed)), "one for each customer and offer"


def _outcome(facts: Facts) -> Iterator[Line]:
    numbers = sum(len(numbers) for numbers in facts.provider.values())
    yield "barcodes at Coniq", str(numbers), ""
    for state, count in sorted(facts.states.items()):
        yield f"ledger {state}", str(count), ""
    for detail_type, count in facts.events.items():
        yield f"events {detail_type}", str(count), _repeated(facts, detail_type)
    yield "quarantined", str(facts.quarantined), ""


def _repeated(facts: Facts, detail_type: str) -> str:
    if detail_type != "BarcodeIssued":
        return ""
    ids = sum(len(ids) for ids in facts.published.values())
    return f"{ids} ids, {facts.events[detail_type] - ids} delivered again"


def _calls(facts: Facts) -> Iterator[Line]:
    yield "Coniq POSTs", str(len(facts.posts)), f"at most {posts_max(facts)}"
    yield "items per POST", f"{mean(facts.posts or [0]):.0f}", ""
    yield "Coniq look-ups", str(facts.lookups), ""
    yield "Coniq faults", str(facts.failed_posts), listed(facts.faults)


def listed(counts: Mapping[str, int]) -> str:
    """Return counts by kind in one line."""
    return ", ".join(f"{count} x {kind}" for kind, count in sorted(counts.items()))


def durations(phases: Mapping[str, float]) -> Iterator[Line]:
    """Yield how long each phase took."""
    for phase, seconds in phases.items():
        yield f"seconds {phase}", f"{seconds:.1f}", ""
