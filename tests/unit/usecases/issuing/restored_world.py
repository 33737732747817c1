"""A stage whose table is restored to an earlier hour, as the runbook says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from couponbus.domain.issuing.barcode import Barcode, BarcodeRequest, Channel
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.reopening import allowed_again
from couponbus.domain.issuing.restore import RESTORE_KEY, Restore, restore_of
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.barcodes import Fate
from tests.unit.usecases.world import BRAND, OFFER_ID, TIMING, World, message

CUSTOMERS = range(1, 101)
SETTLED = TIMING.settle + TIMING.skew + TIMING.between_look_ups


def backed_up(world: World) -> Mapping[str, Row]:
    """Return the point-in-time backup of this moment."""
    return dict(world.ledger.rows)


def restore(world: World, backup: Mapping[str, Row], *, hours: float = 1.0) -> None:
    """Restore the table as the runbook says, with all workers stopped meanwhile."""
    world.clock.pass_time(60)
    now = world.clock.now()
    mark = restore_of(to=now - timedelta(hours=hours), at=now).written("operator")
    before = world.ledger.rows.get(RESTORE_KEY)
    if isinstance(before, Restore):
        mark = before.begun_again(to=now - timedelta(hours=hours), at=now).written("operator")
    world.ledger.rows.clear()
    world.ledger.rows.update({**backup, RESTORE_KEY: mark})
    world.clock.pass_time(60)


def done(world: World) -> None:
    mark = world.ledger.rows[RESTORE_KEY]
    assert isinstance(mark, Restore)
    world.ledger.rows[RESTORE_KEY] = mark.done(now=world.clock.now()).written("operator")
    world.clock.pass_time(60)


def allow_again(world: World) -> None:
    """Let an operator allow another POST of the only issuance."""
    allowed = allowed_again(world.issuance, now=world.clock.now(), why="not theirs")
    world.ledger.rows[allowed.key] = allowed.written("operator")


def settle(world: World, *, minutes: int = 0) -> None:
    """Run the sweeper until every row had time to be looked up."""
    for _ in range(minutes or int(SETTLED // 60) + 5):
        world.cycle()
        world.publish()


def sold(world: World) -> Counter[int]:
    return Counter(each.barcode.customer_id for each in world.barcodes.made)


def throttled(world: World, *, customers: range = CUSTOMERS) -> Mapping[str, Row]:
    """Return a backup in which every issuance is PENDING after an attempt that Coniq refused."""
    world.barcodes.will(Fate.THROTTLED)
    world.handle(*(message(each, signup_id=f"s{each}") for each in customers))
    assert {(one.state, one.attempt) for one in world.issuances} == {(IssuanceState.PENDING, 1)}
    return backed_up(world)


def restored_at(world: World) -> datetime:
    mark = world.ledger.rows[RESTORE_KEY]
    assert isinstance(mark, Restore)
    return mark.at


def uncoded(world: World, *, days_old: int = 0) -> Barcode:
    """Put a barcode of customer 7 without a tracking code at the provider."""
    request = BarcodeRequest(
        customer_id=7, offer_id=OFFER_ID, channel=Channel.MAIL, tracking_code=""
    )
    barcode = replace(
        factories.any_barcode(of=request),
        tracking_code=None,
        created_at=world.clock.now() - timedelta(days=days_old),
        expires_on=None,
    )
    world.barcodes.has(account=BRAND, barcode=barcode)
    return barcode
