"""What is found by polling has the trace id of the sign-up for which the customer is watched."""

from dataclasses import replace
from datetime import timedelta

from couponbus.domain.copying import replace as changed
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.watch import Watch
from couponbus.events.commands import EndWatches, WatchCustomers, WatchedCustomer
from couponbus.usecases.polling.start_watches import Watched, Watching
from couponbus.usecases.store import Store
from tests.unit.usecases.polling.polling_world import (
    KOUPON,
    UNIQODO,
    USER,
    PollingWorld,
    snapshot,
    use,
)

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OTHER = TRACE[::-1]


def begin(world: PollingWorld, *, signup_id: str, trace_id: str | None = TRACE) -> Watch:
    """Watch the customer for a sign-up, as the issuing worker does."""
    store = Store(ledger=world.ledger, ids=world.base.ids, clock=world.clock)
    watching = Watching(
        store=store, pseudonyms=world.pseudonyms, clock=world.clock, timing=world.base.timing
    )
    who = Watched(
        tenant="default",
        program="welcome",
        signup_id=signup_id,
        customer_ref="cus_TEST",
        uniqodo_user=USER,
        koupon_consumer=None,
        signed_up_at=world.clock.now(),
        trace_id=trace_id,
    )
    watching.begin(watching.watches_for(who, [UNIQODO, KOUPON]))
    return world.watch()


def poll(world: PollingWorld) -> None:
    world.clock.pass_time(120)
    world.sweep()
    world.deliver()


def published(world: PollingWorld) -> dict[str, str | None]:
    world.sweep()
    world.clock.pass_time(120)
    world.sweep()
    return {event.detail_type: event.metadata.trace_id for event in world.bus.events}


def test_a_redemption_an_end_and_their_events_have_the_id_of_the_watch() -> None:
    world = PollingWorld()
    world.show(snapshot())
    begin(world, signup_id="signup-1")
    poll(world)
    world.show(snapshot(use(at=world.clock.now())))
    world.cycle(seconds=7200)

    world.poll(EndWatches(reason="cancelled", keys=(world.watch().key,)))

    assert [row.trace_id for row in world.recorded] == [TRACE]
    assert published(world) == {"RedemptionRecorded": TRACE, "WatchEnded": TRACE}


def test_a_notice_has_it_too() -> None:
    world = PollingWorld()
    world.show(replace(snapshot(), code_ends=world.clock.now() + timedelta(days=1)))
    begin(world, signup_id="signup-1")
    poll(world)

    notices = [row for row in world.ledger.rows.values() if isinstance(row, Notice)]

    assert [(row.kind, row.trace_id) for row in notices] == [(NoticeKind.BARCODE_EXPIRING, TRACE)]
    assert published(world) == {"BarcodeExpiring": TRACE}


def test_a_later_sign_up_prolongs_it_under_its_first_id_and_starts_it_again_under_its_own() -> None:
    world = PollingWorld()
    world.show(snapshot())
    begin(world, signup_id="signup-1")
    poll(world)

    prolonged = begin(world, signup_id="signup-2", trace_id=OTHER)
    world.poll(EndWatches(reason="cancelled", keys=(prolonged.key,)))
    ended = published(world)
    again = begin(world, signup_id="signup-3", trace_id=OTHER)

    assert (prolonged.last_signup_id, prolonged.trace_id) == ("signup-2", TRACE)
    assert ended == {"WatchEnded": TRACE}
    assert (again.signup_id, again.trace_id) == ("signup-3", OTHER)


def test_a_command_has_no_sign_up_so_that_it_is_derived_from_the_reference() -> None:
    world = PollingWorld()
    world.show(snapshot())
    customer = WatchedCustomer(reference="imported-1", uniqodo_user_id=USER)

    world.poll(WatchCustomers(program="welcome", customers=(customer,)))

    derived = world.pseudonyms.trace_id(tenant="default", signup_id="imported-1")
    assert world.watch().trace_id == derived
    assert begin(world, signup_id="imported-1", trace_id=None).trace_id == derived


def test_a_watch_of_the_version_before_goes_on_without_one() -> None:
    world = PollingWorld()
    world.show(snapshot())
    watch = begin(world, signup_id="signup-1")
    world.ledger.rows[watch.key] = changed(watch, trace_id=None)
    poll(world)
    world.show(snapshot(use(at=world.clock.now())))
    world.cycle(seconds=7200)

    assert [row.trace_id for row in world.recorded] == [None]
    assert published(world) == {"RedemptionRecorded": None}
