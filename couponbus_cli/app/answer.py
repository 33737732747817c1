"""Print a command's answer, as text or as JSON, with e-mail addresses hidden."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from couponbus.domain.invisible import INVISIBLE
from couponbus_cli.app.failing import ATTENTION, FINE, Failed, Json, failure_of

EMAIL = re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+")
# A lone surrogate is what a shell's argument becomes that is no UTF-8: no terminal takes it.
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
WIDE = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The same facts twice: `data` for JSON, with stable keys, and `shown` for a terminal."""

    data: Json
    shown: Sequence[RenderableType] = field(default=())
    code: int = FINE


def redacted(text: str) -> str:
    """Hide e-mail addresses: producers may have used them as ids."""
    return EMAIL.sub("(e-mail hidden)", text)


def visible(text: str) -> str:
    """Show control, invisible and direction characters as JSON writes them: they could deceive."""
    return INVISIBLE.sub(_escaped, CONTROL.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


class _SafeConsole(Console):
    """Hides and escapes before a text is laid out: a folded address is no address any more."""

    def render_str(self, text: str, **how: Any) -> Text:
        """Return a text, or the cell of a table, without what must not be shown."""
        return super().render_str(redacted(visible(text)), **how)


def answer(work: Callable[[], Answer], *, as_json: bool) -> NoReturn:
    """Do the work, print its answer or its failure, and end the command."""
    try:
        done = work()
    except typer.BadParameter:  # typer prints usage errors itself
        raise
    except Exception as error:  # a traceback could show data that was read
        _fail(failure_of(error) or unexpected(error), as_json=as_json)
    if as_json:
        typer.echo(redacted(visible(json.dumps(done.data, indent=2, ensure_ascii=False))))
    else:
        typer.echo(redacted(_drawn(done.shown)), nl=False)
    raise typer.Exit(done.code)


def _drawn(shown: Sequence[RenderableType]) -> str:
    terminal = sys.stdout.isatty()
    console = _SafeConsole(
        markup=False,
        highlight=False,
        emoji=False,
        width=None if terminal else WIDE,
        no_color=not terminal,
    )
    with console.capture() as captured:
        for each in shown:
            console.print(each, soft_wrap=isinstance(each, str))
    return captured.get()


def _fail(failure: Failed, *, as_json: bool) -> NoReturn:
    if as_json:
        body: Json = {"kind": failure.kind, "message": str(failure)}
        if failure.details:
            body = {**body, "details": failure.details}
        typer.echo(redacted(visible(json.dumps({"error": body}, indent=2, ensure_ascii=False))))
    else:
        typer.echo(redacted(visible(str(failure))), err=True)
    raise typer.Exit(failure.code)


def unexpected(error: Exception) -> Failed:
    """Name the function and the line, never the values."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = "" if trace is None else f" in {trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
    text = f"internal error in couponbus: {type(error).__name__}{place}"
    return Failed(text, kind="internal", code=ATTENTION)
