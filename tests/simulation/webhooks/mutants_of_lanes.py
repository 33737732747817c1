"""Bugs about which deliveries wait for which."""

from datetime import datetime

from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.ports.webhooks import DeliveryQueue
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.queue import Letter
from tests.simulation.webhooks.fair_queue import FairQueue
from tests.simulation.webhooks.run import WebhookRun


def _in_any_order(self: FairQueue, visible: list[Letter]) -> list[Letter]:
    return visible


def _first_lane(self: WebhookRun) -> DeliveryQueue:
    return self.lanes[0]


def _never(self: Endpoint, now: datetime) -> bool:
    return False


def _only_the_failing(self: Endpoint, now: datetime) -> bool:
    return self.failing_since is not None


ONE_LANE = Patch(WebhookRun, "second_lane", property(_first_lane))
NO_GROUPS = Patch(FairQueue, "_ordered", _in_any_order)
NOBODY_STEPS_ASIDE = Patch(Endpoint, "keeps_waiting", _never)
MUTANTS_OF_LANES = (
    Mutant(
        name="one queue for all, without groups",
        shows=("W3",),
        patches=(ONE_LANE, NO_GROUPS, NOBODY_STEPS_ASIDE),
    ),
    Mutant(
        name="retries share the lane of first attempts",
        shows=("W3",),
        patches=(ONE_LANE,),
    ),
    Mutant(
        name="first attempts at those that fail stay in the first lane",
        shows=("W3",),
        patches=(NOBODY_STEPS_ASIDE,),
    ),
    Mutant(
        name="first attempts at those that are slow stay in the first lane",
        shows=("W3",),
        patches=(Patch(Endpoint, "keeps_waiting", _only_the_failing),),
    ),
)
