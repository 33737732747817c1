"""A sign-up starts its watches before its barcode is recorded, despite every failure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import Customers, WatchRule
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from couponbus.events.commands import ContinueWork
from couponbus.usecases.invocation import Metric
from couponbus.usecases.polling.start_watches import (
    SIGN_UP_AGE_MAX,
    Watched,
    Watching,
)
from couponbus.usecases.store import Store
from tests.unit.usecases.polling.polling_world import (
    KOUPON,
    UNIQODO,
    PollingWorld,
    new_watch,
)
from tests.unit.usecases.world import BRAND, PROGRAM, TIMING, World, message

WATCHED = replace(PROGRAM, watches=(UNIQODO, KOUPON))
ONLY = replace(PROGRAM, name="only", account=None, offer_id=None, channel=None, watches=(UNIQODO,))
NAMES: dict[str, Any] = {"uniqodo_user_id": "user-1", "koupon_consumer": "ann"}


def watches(world: World) -> list[Watch]:
    return [row for row in world.ledger.rows.values() if isinstance(row, Watch)]


def watching(world: PollingWorld) -> Watching:
    store = Store(ledger=world.ledger, ids=world.base.ids, clock=world.clock)
    return Watching(
        store=store,
        pseudonyms=world.pseudonyms,
        clock=world.clock,
        timing=world.base.timing,
    )


def who(*, uniqodo: str | None = "user-1", koupon: str | None = None) -> Watched:
    return Watched(
        tenant="default",
        program="welcome",
        signup_id="signup-1",
        customer_ref="cus_TEST",
        uniqodo_user=uniqodo,
        koupon_consumer=koupon,
    )


@pytest.mark.parametrize("program", [WATCHED, ONLY])
@pytest.mark.parametrize(
    ("ago", "kept"),
    [
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(days=400), SIGN_UP_AGE_MAX),
        (-timedelta(minutes=1), timedelta(0)),
    ],
)
def test_a_watch_knows_when_its_customer_signed_up(
    program: Program, ago: timedelta, kept: timedelta
) -> None:
    world = World(program)
    signed_up_at = world.clock.now() - ago

    world.handle(message(occurred_at=signed_up_at.isoformat(), **NAMES))

    assert {one.started_at - one.news_from for one in watches(world)} == {kept}


def test_an_issued_barcode_has_its_watches() -> None:
    world = World(WATCHED)

    world.handle(message(**NAMES))

    assert world.states == [IssuanceState.ISSUED]
    assert {(one.provider, one.user_id) for one in watches(world)} == {
        (Provider.UNIQODO, "user-1"),
        (Provider.KOUPON, "ann"),
    }
    asked = [command for command in world.polls.sent if isinstance(command, ContinueWork)]
    assert {key for command in asked for key in command.keys} == {w.key for w in watches(world)}


def test_the_names_are_forgotten_when_the_barcode_is_published() -> None:
    world = World(WATCHED)
    stored: list[Issuance] = []
    world.ledger.will_be_overtaken(lambda: stored.append(world.issuance), after=3)

    world.handle(message(**NAMES))

    assert stored[0].uniqodo_user == "user-1"
    assert (world.issuance.uniqodo_user, world.issuance.koupon_consumer) == (None, None)
    assert world.published_types == ["BarcodeIssued"]


def test_a_program_that_watches_nothing_keeps_no_names() -> None:
    world = World()

    world.handle(message(**NAMES))

    assert (world.issuance.uniqodo_user, world.issuance.koupon_consumer) == (None, None)
    assert watches(world) == []


def test_a_barcode_is_not_recorded_before_its_watches_are_stored() -> None:
    world = World(WATCHED)
    # The batch and the claim are written, then three attempts to write the watches fail.
    world.ledger.will_fail("write", times=3, after=2)

    world.handle(message(**NAMES))

    assert world.states == [IssuanceState.REQUESTED]
    assert watches(world) == []


def test_watches_that_were_stored_alone_find_their_barcode_later() -> None:
    world = World(WATCHED)
    world.ledger.will_fail("write", times=3, after=3)
    world.handle(message(**NAMES))
    states = (world.states, len(watches(world)))

    for _ in range(30):
        world.cycle()

    assert states == ([IssuanceState.REQUESTED], 2)
    assert world.states == [IssuanceState.ISSUED]
    assert len(watches(world)) == 2


def test_a_sign_up_known_by_its_mail_alone_is_watched_when_its_customer_is_known() -> None:
    world = World(WATCHED)
    world.handle(message(None, email="ann@customer.example", **NAMES))
    waiting = len(watches(world))

    world.barcodes.knows(account=BRAND, email="ann@customer.example", customer_id=42)
    for _ in range(5):
        world.cycle()

    assert waiting == 0
    assert len(watches(world)) == 2
    assert world.resolutions[0].uniqodo_user is None


def test_a_program_that_only_watches_begins_at_once_and_issues_nothing() -> None:
    world = World(ONLY)

    report = world.handle(message(**NAMES))

    assert world.issuances == []
    assert [one.user_id for one in watches(world)] == ["user-1"]
    assert report.metrics[Metric.WATCHES_STARTED] == 1


def test_a_sign_up_whose_watch_may_not_be_stored_comes_again() -> None:
    world = World(ONLY)
    world.ledger.will_fail("write", times=3)

    report = world.handle(message(**NAMES))

    assert report.failed == ["m-signup-1"]


@pytest.mark.parametrize(
    ("program", "customer"),
    [
        (replace(ONLY, required_consents=("marketing",)), NAMES),
        (replace(ONLY, minimum_age=18), NAMES),
        (ONLY, {}),
    ],
)
def test_who_may_not_or_cannot_be_watched_is_not(
    program: Program, customer: dict[str, Any]
) -> None:
    world = World(program)

    report = world.handle(message(**customer))

    assert watches(world) == []
    assert report.metrics[Metric.REFUSED] + report.metrics[Metric.WITHOUT_IDENTITY] == 1
    assert report.failed == []


def test_a_lost_message_for_the_first_poll_costs_a_minute_and_no_watch() -> None:
    world = World(WATCHED)
    world.polls.will_fail()

    report = world.handle(message(**NAMES))

    assert sum(report.undone.values()) == len(watches(world)) > 0
    due = {one.due_at for one in watches(world)}
    assert due == {world.in_seconds(TIMING.publish_grace)}


def test_one_watch_serves_all_who_ask_for_the_same() -> None:
    world = PollingWorld()
    [one] = watching(world).watches_for(who(), (UNIQODO,))

    first = watching(world).begin([one])
    second = watching(world).begin([replace(one, signup_id="signup-2", program="other")])

    assert (len(first.watches), len(second.watches)) == (1, 0)
    assert world.watch("user-1").signup_id == "signup-1"


@pytest.mark.parametrize(
    ("orders", "count"),
    [((UNIQODO, KOUPON), 1), ((UNIQODO, UNIQODO), 1), ((KOUPON,), 0), ((), 0)],
)
def test_only_providers_that_know_the_customer_are_watched(
    orders: Sequence[WatchRule], count: int
) -> None:
    found = watching(PollingWorld()).watches_for(who(), orders)

    assert len(found) == count


def test_a_watch_that_ended_starts_again_for_a_later_sign_up() -> None:
    world = PollingWorld()
    ended = _ended(world, EndReason.USED_UP)

    anew = replace(ended_anew(world), signup_id="signup-2", customers=Customers.NEW)
    [begun] = watching(world).begin([anew]).watches

    assert (begun.state, begun.round, begun.signup_id) == (WatchState.STARTING, 2, "signup-2")
    assert begun.outcomes == ended.outcomes
    assert begun.customers is Customers.ANY


def test_the_same_sign_up_starts_nothing_again() -> None:
    world = PollingWorld()
    ended = _ended(world, EndReason.USED_UP)

    again = replace(ended_anew(world), signup_id=ended.signup_id)

    begun = watching(world).begin([again])
    assert (begun.watches, begun.unstored) == ([], frozenset())


def test_who_was_erased_is_never_watched_again() -> None:
    world = PollingWorld()
    _ended(world, EndReason.ERASED)

    later = replace(ended_anew(world), signup_id="signup-2")

    begun = watching(world).begin([later])
    assert (begun.watches, begun.unstored) == ([], frozenset())


def test_a_watch_does_not_start_again_before_its_end_is_published() -> None:
    world = PollingWorld()
    watch = world.begin()
    ended = watch.ended(
        reason=EndReason.USED_UP, now=world.clock.now(), publish_by=world.in_seconds(60)
    )
    world.ledger.rows[watch.key] = ended.written("test")

    begun = watching(world).begin([replace(ended_anew(world), signup_id="signup-2")])

    assert (begun.watches, begun.unstored) == ([], frozenset({watch.key}))


def ended_anew(world: PollingWorld) -> Watch:
    return new_watch(user="user-1", now=world.clock.now())


def _ended(world: PollingWorld, reason: EndReason) -> Watch:
    watch = world.begin()
    now, by = world.clock.now(), world.clock.now() + timedelta(minutes=1)
    ended = (
        watch.erased(now=now, publish_by=by)
        if reason is EndReason.ERASED
        else watch.ended(reason=reason, now=now, publish_by=by)
    )
    world.ledger.rows[watch.key] = ended.announced(now=now).written("test")
    world.clock.pass_time(60)
    return world.watch("user-1")
