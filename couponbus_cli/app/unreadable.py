"""Report on stderr what this version cannot read; the answer leaves it out."""

from collections.abc import Collection, Sequence

import typer

from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus_cli.app.answer import visible

NAMED = 20


def report_unreadable(what: str, names: Collection[str]) -> None:
    """Print the names, at most `NAMED` of them, if there are any."""
    if not names:
        return
    named = ", ".join(sorted(names)[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    typer.echo(visible(f"This version cannot read these {what}: {named}{more}"), err=True)


def readable_of(programs: ProgramsInForce) -> Sequence[Program]:
    """Return the readable programs, and report the others."""
    report_unreadable("programs", programs.unreadable)
    return programs.readable
