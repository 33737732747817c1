"""Bugs about which deliveries wait for which."""

from datetime import datetime

from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.ports.webhooks import DeliveryQueue
from tests.simulation.mutant import Mutant, Patch
from tests.simulation.queue import QueuedMessage
from tests.simulation.webhooks.fair_queue import FairQueue
from tests.simulation.webhooks.run import WebhookRun


def _in_any_order(self: FairQueue, visible: list[QueuedMessage]) -> list[QueuedMessage]:
    return visible


def _first_attempt_queue(self: WebhookRun) -> DeliveryQueue:
    return self.delivery_queues[0]


def _never(self: Endpoint, now: datetime) -> bool:
    return False


def _only_the_failing(self: Endpoint, now: datetime) -> bool:
    return self.failing_since is not None


ONE_QUEUE = Patch(WebhookRun, "retry_queue", property(_first_attempt_queue))
NO_GROUPS = Patch(FairQueue, "_ordered", _in_any_order)
NO_ENDPOINT_WAITS = Patch(Endpoint, "keeps_waiting", _never)
MUTANTS_OF_QUEUES = (
    Mutant(
        name="one queue for all, without groups",
        shows=("W3",),
        patches=(ONE_QUEUE, NO_GROUPS, NO_ENDPOINT_WAITS),
    ),
    Mutant(
        name="retries share the queue of first attempts",
        shows=("W3",),
        patches=(ONE_QUEUE,),
    ),
    Mutant(
        name="first attempts at failing endpoints share the queue of first attempts",
        shows=("W3",),
        patches=(NO_ENDPOINT_WAITS,),
    ),
    Mutant(
        name="first attempts at slow endpoints share the queue of first attempts",
        shows=("W3",),
        patches=(Patch(Endpoint, "keeps_waiting", _only_the_failing),),
    ),
)
