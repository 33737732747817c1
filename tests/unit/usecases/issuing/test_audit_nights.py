"""Each night audits rows once in doubt first, then walks on through the others without a stop."""

from dataclasses import replace

import pytest

from couponbus.domain.errors import ContractBroken, ProviderUnavailable
from couponbus.domain.issuing.audit_progress import AUDIT_KEY, SINGLE_OUT
from couponbus.domain.issuing.issuance import Origin
from couponbus.usecases.issuing.audit_barcodes import DUE_PAGE, TABLE_PAGE
from tests.fakes.unreliable_ledger import Operation
from tests.unit.usecases.decided import issued, lose, progress, smooth
from tests.unit.usecases.world import World

NIGHT = 900.0
DOWN = ProviderUnavailable("status_503", provider="coniq", route="GET /barcode")


def test_what_was_in_doubt_is_compared_once_and_of_the_others_a_few_in_each_pass() -> None:
    world = World()
    smooth(world, 10 * SINGLE_OUT)
    doubted = issued(world, 3)

    checked = [world.audit().checked for _ in range(1 + SINGLE_OUT)]

    assert checked[0] >= len(doubted)
    assert sum(checked) >= len(doubted) + 10 * SINGLE_OUT
    assert max(checked) < 5 * SINGLE_OUT
    assert all(world.ledger.rows[row.key].due_at is None for row in doubted)


def test_what_never_was_in_doubt_is_compared_in_one_of_twenty_passes() -> None:
    world = World()
    rows = smooth(world, 3 * SINGLE_OUT)
    for row in rows:
        lose(world, row)

    missing = [code for _ in range(SINGLE_OUT) for code in world.audit().missing]

    assert sorted(missing) == sorted(row.tracking_code for row in rows)


def test_those_once_in_doubt_come_first() -> None:
    world = World(calls_per_second=1.0)
    smooth(world, 5 * SINGLE_OUT)
    doubted = issued(world, 30)
    for row in doubted:
        lose(world, row)

    report = world.audit(within=60.0)

    assert report.checked >= len(report.missing) > len(doubted) / 2


def test_so_many_in_doubt_leave_some_of_the_night_for_the_others() -> None:
    world = World(calls_per_second=1.0)
    smooth(world, 5 * SINGLE_OUT)
    issued(world, 500)

    world.audit(within=200.0)

    seen = progress(world)
    assert seen.passed + seen.last_passed > 0


def test_the_sweeper_leaves_to_the_audit_what_is_the_audit_s() -> None:
    world = World()
    issued(world, 3)

    report = world.sweep()

    assert (report.handed_over, report.failed) == (0, 0)
    assert world.commands.sent == []


def test_more_than_a_page_is_audited() -> None:
    world = World()
    rows = issued(world, DUE_PAGE + 5)

    assert world.audit(within=NIGHT).checked == len(rows)


def test_the_next_night_goes_on_where_the_last_one_ended() -> None:
    world = World(calls_per_second=0.5)
    rows = smooth(world, 4 * TABLE_PAGE)
    for row in rows:
        lose(world, row)
    found: list[str] = []
    nights = 0

    while not world.ledger.rows.get(AUDIT_KEY) or progress(world).passes == 0:
        found += world.audit(within=50.0).missing
        nights += 1
        world.clock.pass_time(86_400)

    assert nights > 1
    assert len(found) == len(set(found))
    assert progress(world).last_passed == len(rows)
    assert progress(world).last_ended_at is not None


def test_without_time_nothing_is_begun() -> None:
    world = World()
    issued(world)

    assert world.audit(within=10).checked == 0


def test_a_provider_without_an_answer_is_no_alarm_and_is_asked_again_in_the_same_night() -> None:
    world = World()
    rows = issued(world, 3)
    world.barcodes.will_not_answer_questions(DOWN)

    report = world.audit(within=NIGHT)

    assert (report.checked, report.missing) == (len(rows), [])


def test_what_had_no_answer_in_one_night_is_asked_about_in_the_next() -> None:
    world = World()
    rows = issued(world, 3)
    world.barcodes.will_not_answer_questions(*[DOWN] * 50)
    first = world.audit(within=NIGHT)
    world.barcodes.answers_questions_again()
    world.clock.pass_time(86_400)

    second = world.audit(within=NIGHT)

    assert (first.checked, second.checked) == (0, len(rows))


def test_an_answer_that_cannot_be_used_stops_no_other() -> None:
    world = World()
    rows = issued(world, 3)
    broken = ContractBroken("not_json", provider="coniq", route="GET /barcode")
    world.barcodes.will_not_answer_questions(broken)

    assert world.audit(within=40.0).checked == len(rows) - 1


def test_a_silent_provider_does_not_keep_the_audit_at_one_place() -> None:
    world = World()
    smooth(world, 3 * TABLE_PAGE)
    world.barcodes.will_not_answer_questions(*[DOWN] * 50)

    world.audit()
    first = progress(world).passed
    world.audit()

    assert 0 < first < progress(world).passed < 3 * TABLE_PAGE


@pytest.mark.parametrize("operation", ["due", "issuances", "read"])
def test_a_silent_ledger_is_no_alarm(operation: Operation) -> None:
    world = World()
    issued(world)
    world.ledger.will_fail(operation)

    report = world.audit()

    assert (report.duplicates, report.missing) == ([], [])


def test_what_was_found_is_reported_though_it_cannot_be_stored() -> None:
    world = World()
    (row,) = issued(world)
    lose(world, row)
    world.ledger.will_fail("write", times=3)

    assert world.audit().missing == [row.tracking_code]


@pytest.mark.parametrize("origin", [Origin.RECONCILED, Origin.ISSUED])
def test_an_issuance_that_cannot_be_read_is_named_and_stops_no_other(origin: Origin) -> None:
    world = World()
    broken, *others = issued(world, 3, origin=origin)
    world.ledger.broken = {broken.key}

    reports = [world.audit() for _ in range(SINGLE_OUT)]

    assert [report.unreadable for report in reports] == [[broken.key]] * SINGLE_OUT
    assert sum(report.checked for report in reports) >= len(others)


def test_of_two_audits_at_once_one_walks_on() -> None:
    world = World()
    smooth(world, 3 * TABLE_PAGE)
    world.audit(within=11.0)
    before = progress(world)
    world.ledger.will_be_overtaken(
        lambda: world.ledger.rows.update({AUDIT_KEY: before.written("the other")})
    )

    world.audit()

    assert progress(world).write_id == "the other"


def test_an_account_that_is_not_deployed_any_more_stops_no_other() -> None:
    world = World()
    mine, theirs = issued(world, 2)
    world.ledger.rows[theirs.key] = replace(theirs, account="gone")

    report = world.audit()

    assert report.checked == 1
    assert world.ledger.rows[mine.key].due_at is None
    assert world.ledger.rows[theirs.key].due_at is not None


@pytest.mark.parametrize("trouble", ["broken", "unfit"])
def test_a_place_that_cannot_be_kept_is_named_and_ends_the_walk_of_that_night_only(
    trouble: str,
) -> None:
    world = World()
    smooth(world, SINGLE_OUT)
    world.audit()
    doubted = issued(world, 2)
    getattr(world.ledger, trouble).add(AUDIT_KEY)

    report = world.audit()

    assert report.unreadable == [AUDIT_KEY]
    assert report.checked >= len(doubted)
