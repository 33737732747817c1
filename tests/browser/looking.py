"""A stage whose facts a test may change while a browser shows them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import World
from couponbus_cli.status.figures import Endpoints, Facts
from tests.factories import any_program
from tests.fakes.ledger import MemoryLedger
from tests.thorough import amount
from tests.unit.cli.page.seeing import denied, down, in_trouble, rates, site_of, well
from tests.unit.cli.page.serving import Served, serving
from tests.unit.cli.rows import ambiguous, an_issuance, issued
from tests.unit.cli.stage import FakeStage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

ISSUED = issued(replace(an_issuance(customer_id=7), signup_id="ada@example.com"))
AMBIGUOUS = ambiguous(an_issuance(customer_id=8))
REST = 15_000  # milliseconds from one refresh to the next

# A table that is closed has no colours; those of an opened one are looked at where all is well.
SHOWN = "{exclude: [['details:not([open]) > :not(summary)']]}"
type Scheme = Literal["light", "dark"]
PHONE, DESK = 390, 1280
# Each width and each scheme is looked at; `make soak` looks at them all together.
_LOOKS: tuple[tuple[int, Scheme], ...] = (
    (PHONE, "dark"),
    (DESK, "light"),
    (PHONE, "light"),
    (DESK, "dark"),
)
LOOKS = _LOOKS[: amount(4, few=2)]


@dataclass
class Watched:
    """A stage; `readings` counts how often its facts were read."""

    facts: Callable[[], Facts] = well
    is_down: bool = False
    is_empty: bool = False
    readings: int = 0
    seconds: float = 0.0
    stage: FakeStage = field(default_factory=lambda: FakeStage(MemoryLedger(ISSUED, AMBIGUOUS)))

    def open(self, stage: Stage) -> World:
        return down(stage) if self.is_down else self.stage.open(stage)

    def read(self, world: World) -> Facts:
        self.readings += 1
        return self.facts()

    @contextmanager
    def served(self) -> Iterator[Served]:
        if not self.is_empty:
            self.stage.programs.put(any_program())
        with serving(site_of(self.open, self.read, seconds=lambda: self.seconds)) as page:
            yield page


def empty() -> Facts:
    return replace(well(), rates=rates(times=0), endpoints=Endpoints(), accounts=[])


STATES: dict[str, Callable[[], Watched]] = {
    "well": Watched,
    "in trouble": lambda: Watched(facts=in_trouble),
    "empty": lambda: Watched(facts=empty, is_empty=True),
    "down": lambda: Watched(is_down=True),
    "denied": lambda: Watched(facts=denied),
    "a timeline": Watched,
}


@contextmanager
def opened(browser: "Browser", url: str, *, width: int = 1280) -> Iterator["Page"]:
    """Yield the page in a window of its own."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    try:
        page = context.new_page()
        page.clock.install()
        page.goto(url)
        yield page
    finally:
        context.close()


def search(page: "Page", query: str) -> None:
    page.fill("#query", query)
    page.press("#query", "Enter")
    page.wait_for_selector("#found")


def broken_rules(page: "Page") -> list[str]:
    """Return each element that breaks a rule of axe-core."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(f"axe.run({SHOWN}, {{resultTypes: ['violations'], preload: false}})")
    return [
        f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]
    ]


def refreshed(page: "Page", watched: Watched) -> None:
    """Let the page fetch new facts."""
    watched.seconds += REST / 1000
    with page.expect_response(lambda answer: answer.url.endswith("/")) as fetched:
        page.clock.run_for(REST)
    fetched.value.finished()


def size_of(request: "Request") -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
