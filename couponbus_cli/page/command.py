"""`couponbus page`: the health of a stage in a browser on this machine."""

import secrets
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer
from typer.core import TyperGroup

from couponbus_cli.app.answer import Answer, answer
from couponbus_cli.app.command import StageOption
from couponbus_cli.app.stage import Stage
from couponbus_cli.page.opened_stage import OpenedStage
from couponbus_cli.page.reading import SharedReading
from couponbus_cli.page.saving import save_page
from couponbus_cli.page.server import HOST, serve
from couponbus_cli.page.site import Site
from couponbus_cli.status.reading import read_facts

PORT = 8790
PORTS = range(65_536)
KEY_BYTES = 32

type Show = Callable[[str], object]


def page(
    *,
    context: typer.Context,
    port: Annotated[
        int,
        typer.Option(min=PORTS[0], max=PORTS[-1], help="Port on 127.0.0.1; 0 takes a free one."),
    ] = PORT,
    in_browser: Annotated[
        bool, typer.Option("--open", help="Open it in the browser of this machine.")
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write it to a new file, for a ticket, and end."),
    ] = None,
    stage: StageOption = Stage.LOCAL,
) -> NoReturn:
    """Show what `status` and `why` know in a browser of this machine, until Ctrl-C.

    It changes nothing. Only the URL that is printed leads to it.
    """
    root = context.find_root()
    opened = OpenedStage(stage, opener=root.obj, read_facts=read_facts)
    reading = SharedReading(opened.look)
    site = Site(opened, reading=reading, commands=cast("TyperGroup", root.command))
    show = webbrowser.open if in_browser else _nothing
    answer(
        lambda: _served(site, port, show) if save is None else save_page(site, save), as_json=False
    )


def _served(site: Site, port: int, show: Show) -> Answer:
    key = secrets.token_urlsafe(KEY_BYTES)

    def opened(taken: int) -> None:
        url = f"http://{HOST}:{taken}/?key={key}"
        typer.echo(f"{url}\nThe key is for you alone. Ctrl-C ends the page.")
        show(url)

    serve(port=port, app_at=lambda taken: site.guarded(port=taken, key=key), opened=opened)
    return Answer(data={})


def _nothing(url: str) -> None:
    """Leave it to the reader to open the URL."""
