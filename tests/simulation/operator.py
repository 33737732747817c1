"""The operator of the stage: resumes braked accounts, and checks that no worker posts before."""

from functools import partial

from couponbus.domain.brake import BrakeLimits
from couponbus.domain.braking import resumed
from tests.simulation.pace import SharedRateLimits
from tests.simulation.settings import LIMIT
from tests.simulation.witness import Witness
from tests.simulation.world import World

CHECKS_EVERY = 240.0
TOUCHY = BrakeLimits(share=0.3, items=3, answers=2)  # a run has few people


class Operator:
    """Checks the stage every few minutes."""

    def __init__(self, world: World, pace: SharedRateLimits, witness: Witness) -> None:
        self.resumed = 0
        self._world = world
        self._pace = pace
        self._witness = witness

    def check(self) -> None:
        """Resume braked accounts, and schedule the next check."""
        self._world.after(CHECKS_EVERY, self.check)
        for account, pace in self._pace.paces().items():
            if pace.brake.is_held:
                now = self._world.moment().timestamp()
                self._pace.change(account, partial(resumed, now=now))
                self._world.note("resumed", account)
                self.resumed += 1

    def posting(self, account: str) -> None:
        """Report a POST to a braked account; a slot from before the brake may still be used."""
        brake = self._pace.pace(account).brake
        if brake.is_held and self._world.moment().timestamp() > brake.held_at + LIMIT:
            self._witness.report_violation(f"I6 a POST to {account}, which is braked")
