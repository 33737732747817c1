"""The routes of the page, and the screens behind them."""

from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp
from typer.core import TyperGroup

from couponbus_cli.page import drawing
from couponbus_cli.page.guard import Guard
from couponbus_cli.page.last_known import Seen
from couponbus_cli.page.opened_stage import OpenedStage, why_of
from couponbus_cli.page.reading import PATIENCE, SharedReading
from couponbus_cli.page.screen import Screen
from couponbus_cli.page.search import BODY_MAX, result_of, search_in
from couponbus_cli.page.verdict import screen_of

TYPES = {drawing.STYLE: "text/css", drawing.SCRIPT: "text/javascript"}


class Site:
    """Shows a stage; `commands` are those that a sentence may tell an operator to use."""

    def __init__(
        self, stage: OpenedStage, *, reading: SharedReading[Seen], commands: TyperGroup
    ) -> None:
        self._stage = stage
        self._reading = reading
        self._commands = commands

    def screen(self, *, patience: float | None = PATIENCE) -> Screen:
        """Return the first screen, for which the stage may have to be read."""
        seen = self._reading.latest(patience=patience)
        now = self._stage.now()
        return screen_of(seen, stage=self._stage.name, now=now, root=self._commands)

    def guarded(self, *, port: int, key: str) -> ASGIApp:
        """Return the app for those who have the key."""
        return Guard(self.app(), port=port, key=key, refusal=drawing.refusal())

    def app(self) -> Starlette:
        """Return the routes; what takes time is done in threads."""
        return Starlette(
            routes=[
                Route("/", self._first),
                Route("/search", self._found, methods=["POST"]),
                *(Route(f"/{name}", _asset) for name in TYPES),
            ],
            exception_handlers={HTTPException: self._refused, Exception: self._failed},
            max_body_size=BODY_MAX,
        )

    def _first(self, request: Request) -> Response:
        return HTMLResponse(drawing.page_of(self.screen()))

    async def _found(self, request: Request) -> Response:
        search = search_in(await request.body())
        result = await run_in_threadpool(result_of, search, self._stage)
        return HTMLResponse(drawing.search_page_of(result, stage=self._stage.name))

    def _refused(self, request: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 404)
        return self._problem(f"There is nothing here: {status.phrase.lower()}.", status)

    def _failed(self, request: Request, error: Exception) -> Response:
        return self._problem(why_of(error), HTTPStatus.INTERNAL_SERVER_ERROR)

    def _problem(self, problem: str, status: HTTPStatus) -> Response:
        return HTMLResponse(drawing.problem_page_of(problem, stage=self._stage.name), status)


def _asset(request: Request) -> Response:
    name = request.url.path[1:]
    return Response(drawing.asset(name), media_type=TYPES[name])
