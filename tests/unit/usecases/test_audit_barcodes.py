"""Each night somebody looks for what cannot happen."""

from dataclasses import replace

from couponbus.domain.errors import ProviderUnavailable
from couponbus.domain.issuance import Issuance, Origin
from couponbus.usecases.audit_barcodes import PAGE, SINGLE_OUT
from tests import factories
from tests.unit.usecases.world import BRAND, TIMING, World


def issued(world: World, count: int = 1, *, origin: Origin = Origin.RECONCILED) -> list[Issuance]:
    """Return stored issuances whose barcodes are where they belong."""
    rows = []
    for _ in range(count):
        requested = replace(factories.any_requested(), account=BRAND)
        barcode = factories.any_barcode(of=requested.request)
        world.barcodes.has(account=BRAND, barcode=barcode)
        now = world.in_seconds(-TIMING.settle)
        rows.append(
            requested.issued(barcode=barcode, origin=origin, now=now, publish_by=now).written("w")
        )
    world.ledger.rows.update({row.key: row for row in rows})
    return rows


def lose(world: World, row: Issuance) -> None:
    world.barcodes.made = [
        made for made in world.barcodes.made if made.barcode.tracking_code != row.tracking_code
    ]


def test_when_all_is_well_nothing_is_reported() -> None:
    world = World()
    issued(world, 3)

    report = world.audit()

    assert (report.checked, report.duplicates, report.missing) == (3, [], [])


def test_a_second_barcode_for_one_issuance_is_reported() -> None:
    world = World()
    _, row, _ = issued(world, 3)
    world.barcodes.has(account=BRAND, barcode=factories.any_barcode(of=row.request))

    report = world.audit()

    assert (report.duplicates, report.missing) == ([row.tracking_code], [])


def test_a_barcode_that_is_gone_is_reported() -> None:
    world = World()
    _, row, _ = issued(world, 3)
    lose(world, row)

    report = world.audit()

    assert (report.duplicates, report.missing) == ([], [row.tracking_code])


def test_another_barcode_in_its_place_is_reported() -> None:
    world = World()
    (row,) = issued(world)
    lose(world, row)
    world.barcodes.has(account=BRAND, barcode=factories.any_barcode(of=row.request))

    assert world.audit().missing == [row.tracking_code]


def test_a_barcode_of_the_same_customer_from_elsewhere_is_none_of_our_business() -> None:
    world = World()
    (row,) = issued(world)
    theirs = replace(factories.any_barcode(of=row.request), tracking_code="theirs")
    world.barcodes.has(account=BRAND, barcode=theirs)

    report = world.audit()

    assert (report.checked, report.duplicates) == (1, [])


def test_those_once_in_doubt_are_looked_at_first_and_of_the_others_a_few() -> None:
    world = World()
    issued(world, 2 * SINGLE_OUT, origin=Origin.ISSUED)
    doubted = issued(world, 3)
    for row in doubted:
        lose(world, row)

    report = world.audit()

    assert report.checked == len(doubted) + 2
    assert sorted(report.missing) == sorted(row.tracking_code for row in doubted)


def test_several_attempts_are_a_doubt() -> None:
    world = World()
    smooth, doubted = issued(world, 2, origin=Origin.ISSUED)
    world.ledger.rows[doubted.key] = replace(doubted, attempt=2)
    for row in (smooth, doubted):
        lose(world, row)
    world.barcodes.will_not_answer_questions()

    assert doubted.tracking_code == world.audit().missing[0]


def test_what_may_still_be_moving_or_is_not_ours_is_not_looked_at() -> None:
    world = World()
    recent, existing, undated = issued(world, 3)
    world.ledger.rows[recent.key] = replace(recent, decided_at=world.clock.now())
    world.ledger.rows[existing.key] = replace(existing, origin=Origin.EXISTING)
    world.ledger.rows[undated.key] = replace(undated, decided_at=None)
    requested = replace(factories.any_requested(), account=BRAND)
    world.store(requested, factories.any_resolution())

    assert world.audit().checked == 0


def test_more_than_a_page_is_looked_through() -> None:
    world = World()
    rows = issued(world, PAGE + 5)

    assert world.audit().checked == len(rows)


def test_without_time_nothing_is_begun() -> None:
    world = World()
    issued(world)

    assert world.audit(within=10).checked == 0


def test_a_provider_without_an_answer_is_no_alarm() -> None:
    world = World()
    issued(world, 3)
    world.barcodes.will_not_answer_questions(
        ProviderUnavailable("status_503", provider="coniq", route="GET /barcode")
    )

    report = world.audit()

    assert (report.checked, report.missing) == (0, [])


def test_a_silent_ledger_is_no_alarm() -> None:
    world = World()
    issued(world)
    world.ledger.will_fail("sample")

    report = world.audit()

    assert (report.checked, report.duplicates, report.missing) == (0, [], [])


def test_each_account_is_asked_for_its_own() -> None:
    other = replace(World().accounts[BRAND], name="other")
    world = World(accounts=[other, replace(other, name=BRAND)])
    mine, theirs = issued(world, 2)
    lose(world, theirs)
    world.ledger.rows[theirs.key] = replace(theirs, account="other")
    assert theirs.barcode is not None
    world.barcodes.has(account="other", barcode=theirs.barcode)

    report = world.audit()

    assert (report.checked, report.missing) == (2, [])
    assert mine.key in world.ledger.rows
