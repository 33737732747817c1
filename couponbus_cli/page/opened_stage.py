"""The stage behind the page: opened when it is first looked at, and again after it was away."""

from collections.abc import Callable
from datetime import datetime

from couponbus.aws.clock import SystemClock
from couponbus.ports.shared import Clock
from couponbus_cli.app.answer import Answer, unexpected
from couponbus_cli.app.failing import failure_of
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import Opener, World
from couponbus_cli.page.last_known import Seen
from couponbus_cli.status.figures import Facts
from couponbus_cli.why.command import explained

type ReadFacts = Callable[[World], Facts]


class OpenedStage:
    """Reads a stage and keeps what was seen last; never raises, but says why it cannot."""

    def __init__(self, stage: Stage, *, opener: Opener, read_facts: ReadFacts) -> None:
        self._stage = stage
        self._opener = opener
        self._read_facts = read_facts
        self._world: World | None = None
        self._clock: Clock = SystemClock()
        self._seen = Seen()

    @property
    def name(self) -> str:
        """The name of the stage."""
        return str(self._stage)

    def now(self) -> datetime:
        """Return the present by the clock of the stage, which may be moved on the local one."""
        return self._clock.now()

    def look(self) -> Seen:
        """Read the facts; what cannot be read stays as it was seen last."""
        try:
            world = self._opened()
            self._seen = self._seen.newer(self._read_facts(world), programs=_programs(world))
        except Exception as error:  # a viewer sees the reason, whatever it is
            self._seen = self._seen.gone(why_of(error))
        if self._seen.is_dark:
            self._world = None  # the local stage has another address when it is up again
        return self._seen

    def explain(self, query: str, *, tenant: str) -> Answer:
        """Return what `couponbus why` answers. Raises Exception."""
        return explained(query, tenant=tenant, world=self._opened())

    def _opened(self) -> World:
        if self._world is None:
            self._world = self._opener(self._stage)
            self._clock = self._world.clock
        return self._world


def why_of(error: Exception) -> str:
    """Return the sentence of the command for an error."""
    return str(failure_of(error) or unexpected(error))


def _programs(world: World) -> int | None:
    try:
        return len(world.programs.active().readable)
    except Exception:  # only the screen of an empty stage depends on it
        return None
