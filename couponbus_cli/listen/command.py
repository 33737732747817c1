"""`couponbus listen`: receives webhooks on this machine, verifies them, and shows them."""

import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from couponbus.aws.clock import MovedClock, SystemClock
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.webhooks.signature import key_of
from couponbus_cli.app.answer import visible
from couponbus_cli.app.command import JsonOption
from couponbus_cli.app.failing import FINE, Failed
from couponbus_cli.listen.arrival import Verifier
from couponbus_cli.listen.receiver import Address, receiving
from couponbus_cli.listen.screen import Lines, LiveTable, Screen

if TYPE_CHECKING:
    from couponbus.ports.shared import Clock

PORTS = range(65_536)
ANSWERS = range(200, 600)
NO_CONTENT = 204
DAY = 86_400


def listen(
    *,
    port: Annotated[
        int,
        typer.Option(min=PORTS[0], max=PORTS[-1], help="Port on 127.0.0.1; 0 takes a free one."),
    ] = 9000,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            envvar="COUPONBUS_WEBHOOK_SECRET",
            metavar="whsec_...",
            help="Signing secret; several during a rotation. Better in the variable.",
        ),
    ] = None,
    answer_status: Annotated[
        int,
        typer.Option(
            "--answer", min=ANSWERS[0], max=ANSWERS[-1], help="Status for verified webhooks."
        ),
    ] = NO_CONTENT,
    retry_after: Annotated[
        int | None, typer.Option(min=0, max=DAY, help="Retry-After in seconds, unless 2xx.")
    ] = None,
    path: Annotated[str, typer.Option(help="The path of the URL.")] = "/",
    clock_file: Annotated[
        Path | None, typer.Option(help="The clock of the local stage, which can be moved.")
    ] = None,
    as_json: JsonOption = False,
) -> NoReturn:
    """Receive webhooks until Ctrl-C, verify and show each; without a terminal, as JSON lines."""
    if not path.startswith("/"):
        raise typer.BadParameter("--path: begin it with /")
    address = Address(port=port, path=path, retry_after=retry_after)
    in_lines = as_json or not sys.stdout.isatty()
    screen = Lines(sys.stdout) if in_lines else LiveTable(Console(markup=False, highlight=False))
    try:
        clock = SystemClock() if clock_file is None else _moved(clock_file)
        verifier = Verifier(keys=_keys(secret or ()), answer=answer_status, now=clock.now)
        show(address, verifier=verifier, screen=screen)
    except Failed as failure:
        _fail(failure, as_json=as_json)
    raise typer.Exit(FINE)


def show(address: Address, *, verifier: Verifier, screen: Screen) -> None:
    """Show webhooks until Ctrl-C or SIGTERM. Raises Failed."""
    with (
        _ending() as ended,
        screen,
        receiving(address, verifier=verifier, opened=screen.begin, show=screen.show),
    ):
        ended.wait()


@contextlib.contextmanager
def _ending() -> Iterator[threading.Event]:
    """Yield an event that Ctrl-C and SIGTERM set, so that either ends the command normally."""
    ended = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {each: signal.signal(each, lambda *_: ended.set()) for each in signals}
    try:
        yield ended
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _keys(secrets: Sequence[str]) -> list[bytes]:
    try:
        return [key_of(each.strip()) for each in secrets if each.strip()]
    except ConfigurationInvalid as invalid:
        raise Failed(f"--secret: {invalid}", kind="invalid_input") from None


def _moved(file: Path) -> "Clock":
    clock = MovedClock(file=file)
    try:
        clock.now()
    except (ConfigurationInvalid, OSError, UnicodeDecodeError):
        text = f"--clock-file: {file} does not hold a number of seconds"
        raise Failed(text, kind="invalid_input") from None
    return clock


def _fail(failure: Failed, *, as_json: bool) -> NoReturn:
    if as_json:
        body = {"kind": failure.kind, "message": str(failure)}
        typer.echo(json.dumps({"error": body}))
    else:
        typer.echo(visible(str(failure)), err=True)
    raise typer.Exit(failure.code)
