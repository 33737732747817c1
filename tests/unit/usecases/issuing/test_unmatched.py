"""An unmatched sign-up is kept, counted and published, and processed once a program matches it.

It is redelivered until it is certain that it is kept.
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing import unmatched_tally
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.issuing.program import ProgramsInForce
from couponbus.domain.issuing.unmatched import UnmatchedState
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests.polling_factories import any_order
from tests.unit.usecases.issuing.unmatched_world import (
    ADA,
    MISTYPED,
    Aged,
    a_sign_up,
    kept,
    rematch,
    unmatched_events,
)
from tests.unit.usecases.world import BRAND, PROGRAM, World, message


def test_it_is_acknowledged_counted_and_kept_as_it_came() -> None:
    world = World(MISTYPED)

    report = world.handle(a_sign_up(1), a_sign_up(2))

    assert report.failed == []
    assert report.metrics == {Metric.SIGN_UPS: 2, Metric.UNMATCHED: 2}
    assert [row.signup_id for row in kept(world)] == ["s1", "s2"]
    assert {row.state for row in kept(world)} == {UnmatchedState.KEPT}
    assert ADA not in repr(kept(world))


def test_it_is_concluded_only_by_programs_that_are_younger_than_it() -> None:
    world = Aged()

    report = world.handle(*(a_sign_up(number) for number in range(1, 21)))

    assert (report.failed, world.states) == ([], [IssuanceState.ISSUED] * 20)
    assert (kept(world), world.old.reads) == ([], 1)


def test_while_the_programs_cannot_be_read_it_comes_again_and_others_go_on() -> None:
    shop, app = (
        replace(PROGRAM, name=name, pattern={"source": [name]}) for name in ("shop", "app")
    )
    world = Aged(shop, app)
    world.old.copy = ProgramsInForce(readable=[shop])
    world.old.silent = LedgerUnavailable("query: silence")

    report = world.handle(a_sign_up(1), a_sign_up(2, source="app"))

    assert (report.failed, kept(world)) == (["m2"], [])
    assert [one.signup_id for one in world.issuances] == ["s1"]
    world.old.silent = None
    assert world.handle(a_sign_up(2, source="app")).failed == []
    assert [one.signup_id for one in world.issuances] == ["s1", "s2"]


def test_a_batch_reads_the_programs_no_more_than_once_more() -> None:
    world = Aged(MISTYPED)

    world.handle(*(a_sign_up(number) for number in range(1, 51)))

    assert world.old.reads == 1


def test_the_first_is_published_at_once_and_the_total_at_the_end_of_the_hour() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    assert [(one.number, one.signup_id) for one in unmatched_events(world)] == [(1, "s1")]

    world.handle(a_sign_up(2))
    world.handle(a_sign_up(3), a_sign_up(4))
    world.cycle(seconds=600)
    assert len(unmatched_events(world)) == 1

    world.cycle(seconds=3000)
    assert [one.number for one in unmatched_events(world)] == [1, 4]
    world.cycle(seconds=3600)
    assert len(unmatched_events(world)) == 2


def test_what_was_counted_before_the_first_was_published_changes_nothing_of_it() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    world.handle(a_sign_up(2))

    assert [one.number for one in unmatched_events(world)] == [1]

    world.cycle(seconds=3660)
    assert [one.number for one in unmatched_events(world)] == [1, 2]


def test_a_quiet_hour_after_the_first_publishes_no_total() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    unmatched_events(world)

    world.cycle(seconds=7200)

    assert len(unmatched_events(world)) == 1


def test_each_tenant_and_source_has_events_of_its_own() -> None:
    world = World(replace(PROGRAM, pattern={"source": ["other"]}))

    world.handle(
        a_sign_up(1), a_sign_up(2, tenant="acme"), a_sign_up(3, source="app"), a_sign_up(4)
    )

    assert sorted((one.origin, one.number) for one in unmatched_events(world)) == [
        ("app", 1),
        ("shop", 1),
        ("shop", 2),
    ]
    assert {event.metadata.tenant for event in world.bus.events} == {"default", "acme"}


def test_the_event_holds_nothing_of_the_customer() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    [event] = unmatched_events(world)

    assert set(event.model_dump()) == {"origin", "since", "number", "kept", "signup_id"}
    assert ADA not in event.model_dump_json()


def test_the_same_message_again_is_kept_and_counted_once() -> None:
    world = World(MISTYPED)

    world.handle(a_sign_up(1), a_sign_up(1))
    report = world.handle(a_sign_up(1))

    assert len(kept(world)) == 1
    assert Metric.UNMATCHED not in report.metrics


def test_beyond_the_bound_it_is_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unmatched_tally, "KEPT_MAX", 2)
    world = World(MISTYPED)

    report = world.handle(*(a_sign_up(number) for number in range(1, 6)))

    assert (report.failed, len(kept(world))) == ([], 2)
    assert report.metrics[Metric.UNMATCHED_DROPPED] == 3
    assert [(one.number, one.kept) for one in unmatched_events(world)] == [(5, 2)]


def test_one_that_is_too_large_to_keep_is_counted() -> None:
    world = World(MISTYPED)
    large = message(padding="x" * 9000)

    report = world.handle(large, a_sign_up(1))

    assert [row.signup_id for row in kept(world)] == ["s1"]
    assert report.metrics[Metric.UNMATCHED_DROPPED] == 1


@pytest.mark.parametrize("source", [None, 5, "", "x" * 200, "a\nb"])
def test_a_source_that_is_no_name_is_not_shown(source: object) -> None:
    world = World(MISTYPED)
    body = {**json.loads(a_sign_up(1).body), "source": source}

    world.handle(Message(message_id="m1", body=json.dumps(body)))

    assert [one.origin for one in unmatched_events(world)] == ["unknown"]


@pytest.mark.parametrize("after", [0, 1])
def test_what_cannot_be_kept_comes_again(after: int) -> None:
    world = World(MISTYPED)
    world.ledger.will_fail("write", times=3, after=after)

    assert world.handle(a_sign_up(1)).failed == ["m1"]
    assert world.handle(a_sign_up(1)).failed == []
    assert len(kept(world)) == 1
    assert len(unmatched_events(world)) == 1


def test_a_total_that_could_not_be_stored_is_published_by_a_later_tick() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    unmatched_events(world)
    world.handle(a_sign_up(2))
    world.clock.pass_time(timedelta(hours=1).total_seconds())
    world.ledger.will_fail("write", times=3, after=1)

    world.cycle()
    assert len(unmatched_events(world)) == 1
    for _ in range(10):
        world.cycle()

    assert [one.number for one in unmatched_events(world)] == [1, 2]


def test_what_cannot_be_kept_or_counted_comes_again_and_the_others_are_kept() -> None:
    world = Aged(MISTYPED)
    first = world.handle(a_sign_up(1), a_sign_up(2, source="app"))
    (row, other) = kept(world)
    tally = next(key for key in world.ledger.rows if key.startswith("TALLY#"))
    world.ledger.rows.clear()
    world.ledger.unfit.update({row.key, tally})

    report = world.handle(a_sign_up(1), a_sign_up(2, source="app"), a_sign_up(3, source="web"))

    assert first.failed == []
    assert set(report.failed) == {"m1"}
    assert {one.signup_id for one in kept(world)} == {"s2", "s3"}
    world.ledger.unfit.clear()
    assert world.handle(a_sign_up(1)).failed == []
    assert {one.signup_id for one in kept(world)} == {"s1", "s2", "s3"}
    assert other.key in world.ledger.rows


def test_what_is_kept_in_a_form_that_cannot_be_read_stops_no_other() -> None:
    world = Aged(MISTYPED)
    world.handle(a_sign_up(1))
    (row,) = kept(world)
    world.ledger.broken.add(row.key)

    report = world.handle(a_sign_up(1), a_sign_up(2))

    assert report.failed == ["m1"]
    assert report.broken == {row.key}
    assert {one.signup_id for one in kept(world)} == {"s1", "s2"}


def test_a_mended_program_gets_it_after_a_rematch() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1), a_sign_up(2))
    world.programs.put(PROGRAM)

    world.cycle()
    assert world.states == []
    rematch(world)
    world.cycle()

    assert world.states == [IssuanceState.ISSUED] * 2
    assert [row.state for row in kept(world)] == [UnmatchedState.MATCHED] * 2
    assert [row.message for row in kept(world)] == [None, None]
    assert world.cycle().metrics == {}


def test_a_program_that_only_watches_gets_it_too() -> None:
    order = replace(any_order(), provider=Provider.KOUPON, account=BRAND, promotion=None)
    watching = replace(PROGRAM, account=None, offer_id=None, channel=None, watches=(order,))
    world = World(replace(watching, pattern=MISTYPED.pattern))
    world.handle(message(koupon_consumer="c-1"))
    world.programs.put(watching)

    rematch(world)
    world.cycle()

    assert [row.state for row in kept(world)] == [UnmatchedState.MATCHED]
    assert len([row for row in world.ledger.rows.values() if isinstance(row, Watch)]) == 1


def test_it_is_kept_on_when_still_no_program_wants_it() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))

    rematch(world)
    report = world.cycle()

    assert [(row.state, row.due_at) for row in kept(world)] == [(UnmatchedState.KEPT, None)]
    assert Metric.UNMATCHED not in report.metrics
    assert [one.number for one in unmatched_events(world)] == [1]


def test_a_rematch_that_is_broken_off_goes_on_by_itself() -> None:
    world = World(MISTYPED)
    world.handle(a_sign_up(1))
    world.programs.put(PROGRAM)
    rematch(world)
    world.ledger.will_fail("write", times=3, after=1)  # the sweeper's own write comes first

    assert world.cycle().failed == []
    assert [row.state for row in kept(world)] == [UnmatchedState.KEPT]
    for _ in range(10):
        world.cycle()

    assert [row.state for row in kept(world)] == [UnmatchedState.MATCHED]
    assert (world.states, len(world.barcodes.made)) == ([IssuanceState.ISSUED], 1)
