"""Issuances that were decided and published some time ago, for the audit to compare."""

from dataclasses import replace

from couponbus.domain.issuing.audit_progress import AUDIT_KEY, AuditProgress
from couponbus.domain.issuing.issuance import Issuance, Origin
from tests import factories
from tests.unit.usecases.world import BRAND, TIMING, World


def issued(world: World, count: int = 1, *, origin: Origin = Origin.RECONCILED) -> list[Issuance]:
    """Return stored, published issuances whose barcodes are at the provider."""
    rows = [sold(world, origin) for _ in range(count)]
    world.ledger.rows.update({row.key: row for row in rows})
    return rows


def sold(world: World, origin: Origin) -> Issuance:
    requested = asked_for(world)
    barcode = factories.any_barcode(of=requested.request)
    world.barcodes.has(account=BRAND, barcode=barcode)
    now = world.in_seconds(-TIMING.settle)
    row = requested.issued(barcode=barcode, origin=origin, now=now, publish_by=now)
    return row.announced(now=now).written("w")


def asked_for(world: World) -> Issuance:
    """Return an issuance whose POST was sent some time ago."""
    requested = replace(factories.any_requested(), account=BRAND)
    return replace(
        requested, requested_at=world.in_seconds(-2 * TIMING.settle), requested_since=None
    )


def refused(world: World) -> Issuance:
    """Return one whose POST was refused, and which was published as such."""
    now = world.in_seconds(-TIMING.settle)
    row = asked_for(world).rejected(reason="item_refused", now=now, publish_by=now)
    row = row.announced(now=now).written("w")
    world.ledger.rows[row.key] = row
    return row


def smooth(world: World, count: int) -> list[Issuance]:
    return issued(world, count, origin=Origin.ISSUED)


def lose(world: World, row: Issuance) -> None:
    world.barcodes.made = [
        made for made in world.barcodes.made if made.barcode.tracking_code != row.tracking_code
    ]


def progress(world: World) -> AuditProgress:
    row = world.ledger.rows[AUDIT_KEY]
    assert isinstance(row, AuditProgress)
    return row
