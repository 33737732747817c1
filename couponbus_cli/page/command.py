"""`couponbus page`: the health of a stage in a browser on this machine."""

import webbrowser
from pathlib import Path
from typing import Annotated, NoReturn, cast

import typer
from typer.core import TyperGroup

from couponbus_cli.app.answer import Answer, answer
from couponbus_cli.app.command import StageOption
from couponbus_cli.app.stage import Stage

PORT = 8790
PORTS = range(65_536)


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
    # Its own help and usage errors would wait for a web server and templates.
    from couponbus_cli.page.running import serve_page, site_of  # noqa: PLC0415
    from couponbus_cli.page.saving import save_page  # noqa: PLC0415

    root = context.find_root()
    commands = cast("TyperGroup", root.command)

    def work() -> Answer:
        site = site_of(stage, opener=root.obj, commands=commands)
        if save is not None:
            return save_page(site, save)
        return serve_page(site, port=port, show=webbrowser.open if in_browser else None)

    answer(work, as_json=False)
