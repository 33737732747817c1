"""Progress of a long command: a bar on a terminal, otherwise a line for each tenth."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

type Advance = Callable[[int], None]

LINES = 10


@contextmanager
def progress(label: str, *, total: int) -> Iterator[Advance]:
    """Yield a function that takes the number of items done and reports on standard error."""
    if not sys.stderr.isatty():
        yield _Lines(label, total)
        return
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda number: bar.advance(task, number)


class _Lines:
    """Prints a line for each tenth."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._done = 0

    def __call__(self, number: int) -> None:
        before = self._done * LINES // max(self._total, 1)
        self._done += number
        if self._done * LINES // max(self._total, 1) > before:
            typer.echo(f"{self._label}: {self._done:,} of {self._total:,}", err=True)
