"""An operator who answers the alarm of a pause and lets polling go on."""

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.pause import Pause
from tests.simulation.ledger import Change
from tests.simulation.process import Ground
from tests.simulation.settings import LIMIT
from tests.simulation.world import Invocation

SOONEST, LATEST = 20.0, 600.0  # seconds after the alarm
AGAIN = 5.0


class Operator:
    """Resumes paused accounts and promotions, some minutes later."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._alarmed: set[str] = set()

    def changed(self, change: Change) -> None:
        row = change.row
        if isinstance(row, Pause) and (row.reason or row.promotions):
            self._alarm(row.key, self._ground.world.weather.uniform(SOONEST, LATEST))

    def _alarm(self, key: str, seconds: float) -> None:
        if key in self._alarmed:
            return
        self._alarmed.add(key)
        self._ground.world.after(seconds, lambda: self._go(key))

    def _go(self, key: str) -> None:
        world = self._ground.world
        self._alarmed.discard(key)

        def ended(invocation: Invocation) -> None:
            if invocation.dead or invocation.error is not None:
                self._alarm(key, AGAIN)

        work = lambda: self._resume(key)  # noqa: E731
        world.start(name="operator", work=work, skew=0.0, lasts=LIMIT, ended=ended)

    def _resume(self, key: str) -> None:
        store, clock = self._ground.base.store, self._ground.base.clock
        row = store.read([key])[key]
        if isinstance(row, Pause) and not store.put(row.resumed(None, now=clock.now())):
            raise LedgerUnavailable("another worker wrote the pause meanwhile")
