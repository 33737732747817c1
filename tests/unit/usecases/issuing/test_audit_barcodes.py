"""The findings of the nightly audit, and the rows that it leaves alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    LedgerUnavailable,
    ProviderError,
)
from couponbus.domain.issuing.audit_progress import SINGLE_OUT
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.domain.issuing.lookup import FORGOTTEN
from couponbus.domain.rate_limit import Pace
from couponbus.usecases.causes import cause_of
from couponbus.usecases.invocation import Metric
from tests import factories
from tests.unit.usecases.decided import asked_for, issued, lose, refused, smooth
from tests.unit.usecases.world import BRAND, TIMING, World

type Doubt = Callable[[Issuance], Issuance]


def test_when_all_is_well_nothing_is_reported() -> None:
    world = World()
    issued(world, 3)

    report = world.audit()

    assert report.checked == 3
    assert [*report.duplicates, *report.missing, *report.refused, *report.unreadable] == []


def test_a_second_barcode_for_one_issuance_is_reported() -> None:
    world = World()
    _, row, _ = issued(world, 3)
    world.barcodes.has(account=BRAND, barcode=factories.any_barcode(of=row.request))

    report = world.audit()

    assert (report.duplicates, report.missing) == ([row.tracking_code], [])


def test_the_barcode_of_an_issuance_that_was_deleted_is_not_reported_as_a_second_one() -> None:
    world = World()
    (row,) = issued(world)
    old = replace(
        factories.any_barcode(of=row.request),
        created_at=world.clock.now() - FORGOTTEN - timedelta(days=1),
    )
    world.barcodes.has(account=BRAND, barcode=old)

    assert world.audit().duplicates == []


def test_a_second_barcode_under_a_reference_that_was_cut_is_reported() -> None:
    world = World()
    (row,) = issued(world)
    second = replace(
        factories.any_barcode(of=row.request),
        tracking_code=row.tracking_code[:9],
        created_at=world.in_seconds(-1.5 * TIMING.settle),
    )
    world.barcodes.has(account=BRAND, barcode=second)

    assert world.audit().duplicates == [row.tracking_code]


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


@pytest.mark.parametrize("reference", ["theirs", None, ""])
def test_a_barcode_of_the_same_customer_from_elsewhere_is_none_of_our_business(
    reference: str | None,
) -> None:
    world = World()
    (row,) = issued(world)
    theirs = replace(
        factories.any_barcode(of=row.request),
        tracking_code=reference,
        created_at=world.in_seconds(-1.5 * TIMING.settle),
    )
    world.barcodes.has(account=BRAND, barcode=theirs)

    report = world.audit()

    assert (report.checked, report.duplicates) == (1, [])


@pytest.mark.parametrize("reference", ["ours", "another's", None])
def test_a_barcode_of_a_customer_who_was_refused_is_reported(reference: str | None) -> None:
    world = World()
    row = refused(world)
    made = replace(
        factories.any_barcode(of=row.request),
        tracking_code=row.tracking_code if reference == "ours" else reference,
        created_at=world.in_seconds(-1.5 * TIMING.settle),
    )
    world.barcodes.has(account=BRAND, barcode=made)

    assert world.audit().refused == [row.tracking_code]


@pytest.mark.parametrize("seconds", [-3 * TIMING.settle, 0.0])
def test_what_a_refused_customer_got_before_or_afterwards_is_no_finding(seconds: float) -> None:
    world = World()
    row = refused(world)
    theirs = replace(
        factories.any_barcode(of=row.request),
        tracking_code="theirs",
        created_at=world.in_seconds(seconds),
    )
    world.barcodes.has(account=BRAND, barcode=theirs)

    report = world.audit()

    assert (report.checked, report.refused) == (1, [])


def test_two_barcodes_of_an_ambiguous_one_are_reported() -> None:
    world = World()
    now = world.in_seconds(-TIMING.settle)
    row = asked_for(world).ambiguous(numbers=(), reason="several_barcodes", now=now, publish_by=now)
    world.ledger.rows[row.key] = row.announced(now=now).written("w")
    for _ in range(2):
        world.barcodes.has(account=BRAND, barcode=factories.any_barcode(of=row.request))

    assert world.audit().duplicates == [row.tracking_code]


@pytest.mark.parametrize(
    "doubted",
    [
        lambda row: replace(row, attempt=2),
        lambda row: replace(row, origin=Origin.CHOSEN),
        lambda row: replace(row, origin=Origin.RECONCILED),
    ],
)
def test_several_attempts_or_an_end_by_look_up_are_a_doubt(doubted: Doubt) -> None:
    world = World()
    now = world.in_seconds(-TIMING.settle)
    (row,) = smooth(world, 1)
    world.ledger.rows[row.key] = doubted(replace(row, published=0)).announced(now=now)
    lose(world, row)

    assert world.audit().missing == [row.tracking_code]


def test_a_new_end_of_an_audited_one_is_audited_again() -> None:
    world = World()
    (row,) = issued(world)
    world.audit()
    chosen = world.ledger.rows[row.key]
    again = replace(chosen, published=0).announced(now=world.in_seconds(-TIMING.settle))
    world.ledger.rows[row.key] = again
    lose(world, row)

    assert world.audit().missing == [row.tracking_code]


def test_what_was_found_is_in_the_history_of_the_issuance() -> None:
    world = World()
    (row,) = issued(world)
    lose(world, row)

    world.audit()

    step = world.ledger.rows[row.key].trail[-1]
    assert (step.what, step.detail) == ("audited", "barcode_gone")


def test_what_may_still_be_moving_or_is_not_ours_is_not_audited() -> None:
    world = World()
    recent, existing, undated = issued(world, 3)
    now = world.clock.now()
    world.ledger.rows[recent.key] = replace(recent, decided_at=now, due_at=now)
    world.ledger.rows[existing.key] = replace(existing, origin=Origin.EXISTING, due_at=None)
    world.ledger.rows[undated.key] = replace(undated, decided_at=None, due_at=None)
    requested = replace(factories.any_requested(), account=BRAND)
    world.store(requested, factories.any_resolution())

    assert sum(world.audit().checked for _ in range(SINGLE_OUT)) == 0


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


def test_an_open_breaker_is_counted_in_the_night_that_meets_it() -> None:
    world = World()
    issued(world, 3)
    closed = Breaker(openings=1, failures=9, closed_until=world.in_seconds(10**5).timestamp())
    world.limiter.paces[BRAND] = Pace(gets=closed)

    met = world.audit()
    world.limiter.paces[BRAND] = Pace()
    well = world.audit()

    assert (met.checked, met.metrics[Metric.BREAKER_OPEN] > 0) == (0, True)
    assert (well.checked, well.metrics) == (3, {})


@pytest.mark.parametrize(
    ("error", "metric"),
    [(CredentialsRefused, Metric.UNAUTHORISED), (ContractBroken, Metric.CONTRACT_BROKEN)],
)
def test_an_answer_that_needs_an_operator_is_counted(
    error: type[ProviderError], metric: Metric
) -> None:
    world = World()
    issued(world, 1)
    failure = error("status_401", provider="coniq", route="GET /x")
    world.barcodes.will_not_answer_questions(failure)

    report = world.audit()

    assert report.metrics.get(metric) == 1


def test_a_pace_that_cannot_be_read_is_named_as_broken() -> None:
    world = World()
    issued(world, 1)
    world.limiter.failure = LedgerUnavailable("pace", broken=["PACE#coniq#brand"])

    assert world.audit().unreadable == ["PACE#coniq#brand"]


def test_a_night_without_any_pace_to_be_read_has_failed() -> None:
    world = World()
    issued(world, 1)
    world.limiter.failure = LedgerUnavailable("pace", code="update_item:ThrottlingException")

    report = world.audit()

    assert (report.checked, report.cause) == (0, cause_of(world.limiter.failure))


def test_an_answer_that_the_issuing_workers_do_not_learn_of_is_counted_however_the_night_ends() -> (
    None
):
    world = World()
    issued(world, 3)
    world.limiter.paces[BRAND] = Pace(gets=Breaker(failures=1))
    world.limiter.deaf = True
    world.ledger.will_fail("write", times=3)

    assert world.audit().metrics == {Metric.UNREPORTED_ANSWERS: 3}
