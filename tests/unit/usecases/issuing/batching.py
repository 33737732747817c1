"""Batches of POSTs, what their worker has left behind, and what has reached the bus."""

from dataclasses import replace
from datetime import timedelta

from couponbus.domain.errors import BusUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.issuing_batch import IssuingBatch
from couponbus.usecases.invocation import BatchResult
from couponbus.usecases.store import WRITE_TRIES
from tests.unit.usecases.world import INVOCATION, TIMING, World, message

DOWN = BusUnavailable("a text of no log", code="put_events:ConnectTimeoutError")
SETTLED = INVOCATION + TIMING.skew + TIMING.settle  # after the begin of the invocation
LOST = INVOCATION + TIMING.publish_grace + 60  # by then the sweeper has taken it over
PREPARED, CLAIMED, COMMITTED = 1, 2, 3  # writes, each of all rows together


def batches(world: World) -> list[IssuingBatch]:
    return [row for row in world.ledger.rows.values() if isinstance(row, IssuingBatch)]


def batch(world: World) -> IssuingBatch:
    (only,) = batches(world)
    return only


def sign_up(world: World, count: int = 1) -> BatchResult:
    return world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, count + 1)))


def ids_on_the_bus(world: World) -> list[str]:
    return [event.metadata.id for event in world.bus.events]


def owed() -> Issuance:
    """Return the issuance of the first sign-up, not stored."""
    elsewhere = World()
    elsewhere.handle(message(1, signup_id="s-1"), within=30)
    return replace(elsewhere.issuance, revision=0, ready_at=None)


def due_in(world: World) -> timedelta:
    due_at = batch(world).due_at
    assert due_at is not None
    return due_at - world.clock.now()


def lose_the_worker(world: World, count: int = 2) -> list[Issuance]:
    """Claim issuances with a worker that ends at its POST; returns them, the first ones first."""
    world.ledger.will_fail("write", times=WRITE_TRIES, after=CLAIMED)
    sign_up(world, count)
    return world.issuances
