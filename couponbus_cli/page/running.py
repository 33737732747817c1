"""Run the page: wire it to a stage, and serve it at a URL with a key."""

import secrets
from collections.abc import Callable

import typer
from typer.core import TyperGroup

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import Opener
from couponbus_cli.page.opened_stage import OpenedStage
from couponbus_cli.page.reading import SharedReading
from couponbus_cli.page.server import HOST, serve
from couponbus_cli.page.site import Site
from couponbus_cli.status.reading import read_facts

KEY_BYTES = 32


def site_of(stage: Stage, *, opener: Opener, commands: TyperGroup) -> Site:
    """Return the page of a stage; nothing is contacted before it is looked at."""
    opened = OpenedStage(stage, opener=opener, read_facts=read_facts)
    return Site(opened, reading=SharedReading(opened.look), commands=commands)


def serve_page(site: Site, *, port: int, show: Callable[[str], object] | None) -> Answer:
    """Serve it until Ctrl-C; `show` gets the URL that is printed. Raises Failed."""
    key = secrets.token_urlsafe(KEY_BYTES)

    def opened(taken: int) -> None:
        url = f"http://{HOST}:{taken}/?key={key}"
        typer.echo(f"{url}\nThe key is for you alone. Ctrl-C ends the page.")
        if show is not None:
            show(url)

    serve(port=port, app_at=lambda taken: site.guarded(port=taken, key=key), opened=opened)
    return Answer(data={})
