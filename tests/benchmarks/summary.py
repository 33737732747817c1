"""The one table at the end of `make bench`."""

from collections.abc import Sequence
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.figure import Figure

WIDEST = 100


def table(figures: Sequence[Figure], *, file: TextIO, width: int) -> None:
    """Print each figure with its limit; a narrow terminal breaks the names."""
    shown = Table(box=box.SIMPLE, pad_edge=False)
    shown.add_column("figure")
    shown.add_column("value", justify="right", no_wrap=True)
    shown.add_column("limit", justify="right")
    for each in figures:
        missed = " MISSED" if each.is_missed else ""
        shown.add_row(each.name, f"{each.text}{missed}", each.limit)
    console = Console(file=file, width=min(width, WIDEST), highlight=False, no_color=True)
    console.print(shown)
