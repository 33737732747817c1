"""The webhook use cases, built on an opened stage."""

from datetime import timedelta

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.outbox.backlog import parked_for
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.manage_endpoints import ManagingEndpoints
from couponbus.usecases.webhooks.replay import Replaying
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.world import World

COUNTED = 1000  # in one query; a larger number is shown as `1,000+`
EVER = timedelta(days=1000)


def store_of(world: World) -> Store:
    """Return the store, which retries ledger writes whose answer was lost."""
    return Store(ledger=world.rows, ids=world.ids, clock=world.clock)


def managing(world: World) -> ManagingEndpoints:
    """Return the use case that adds, changes and removes endpoints."""
    return ManagingEndpoints(store=store_of(world), clock=world.clock)


def replaying(world: World) -> Replaying:
    """Return the use case that replays events."""
    return Replaying(store=store_of(world), history=world.history, clock=world.clock)


def parked(endpoint: Endpoint, *, world: World) -> int:
    """Return how many webhooks wait for it, at most `COUNTED`. Raises LedgerUnavailable."""
    until = world.clock.now() + EVER
    backlog = parked_for(endpoint.endpoint_id)
    return len(world.rows.due(backlog=backlog, now=until, limit=COUNTED).keys)


def endpoint_of(endpoint_id: str, *, world: World) -> Endpoint:
    """Return an endpoint that was not removed. Raises Failed."""
    try:
        return managing(world).found(endpoint_id)
    except TransitionRefused:
        text = f"there is no endpoint {endpoint_id}; see `couponbus endpoints list`"
        raise Failed(text, kind="not_found") from None
