"""Shows progress: bars on a terminal, lines elsewhere."""

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

LINE_INTERVAL = 2.0


class Meter(Protocol):
    """Something that shows how far a step has come."""

    def show(self, done: int) -> None:
        """Show the number of items that are done."""
        ...


class Lines:
    """A line of text now and then, and one when all are done."""

    def __init__(self, console: Console, *, label: str, total: int) -> None:
        self._console = console
        self._label = label
        self._total = total
        self._shown = -1
        self._next = time.monotonic()

    def show(self, done: int) -> None:
        """Print the count if it is new and the last line is some time ago."""
        now = time.monotonic()
        if done == self._shown or (now < self._next and done < self._total):
            return
        self._shown, self._next = done, now + LINE_INTERVAL
        self._console.print(f"{self._label}: {done} of {self._total}")


class Bar:
    """A bar on a terminal."""

    def __init__(self, progress: Progress, *, label: str, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=total)

    def show(self, done: int) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done)


@contextlib.contextmanager
def meter(console: Console, *, label: str, total: int) -> Iterator[Meter]:
    """Show one step of the demo while the block runs."""
    if not console.is_terminal:
        yield Lines(console, label=label, total=total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield Bar(progress, label=label, total=total)
