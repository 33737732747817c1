"""All that follows from a sign-up has one trace id: its producer's, or one derived from its id."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.copying import replace as changed
from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.polling.watch import Watch
from couponbus.domain.row import Row
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.inbound.sign_up_body import SignUpBatch, read_sign_ups
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests.fakes.clock import NOON
from tests.thorough import thorough
from tests.unit.usecases.issuing.unmatched_world import MISTYPED, a_sign_up, kept, rematch
from tests.unit.usecases.polling.polling_world import UNIQODO
from tests.unit.usecases.world import BRAND, PROGRAM, World, continued, message

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"
OTHER = f"00-{TRACE[::-1]}-00f067aa0ba902b7-01"
EMAIL = "ann@customer.example"
WATCHED = replace(PROGRAM, watches=(UNIQODO,))
ONLY = replace(PROGRAM, name="only", account=None, offer_id=None, channel=None, watches=(UNIQODO,))
NAMES: dict[str, Any] = {"uniqodo_user_id": "user-1"}
NO_TRACEPARENT: Sequence[object] = (
    None,
    "",
    7,
    True,
    GIVEN.upper(),
    [GIVEN],
    {"traceparent": GIVEN},
    "x" * 10_000,
    f"{GIVEN}\x00",
    "\ud800",
    EMAIL,
    f"00-{'0' * 32}-00f067aa0ba902b7-01",
)


def traced(sign_up: Message, traceparent: object = GIVEN) -> Message:
    """Return the message of a sign-up that brings this."""
    content = json.loads(sign_up.body)
    content.get("detail", content)["traceparent"] = traceparent
    return replace(sign_up, body=json.dumps(content))


def derived(world: World, signup_id: str = "signup-1", *, tenant: str = "default") -> str:
    return world.pseudonyms.trace_id(tenant=tenant, signup_id=signup_id)


def of[R: Row](world: World, kind: type[R]) -> list[R]:
    return [row for row in world.ledger.rows.values() if isinstance(row, kind)]


def events_of(world: World) -> list[str | None]:
    world.publish()
    return [event.metadata.trace_id for event in world.bus.events]


def with_trace_id(world: World, row: Row, trace_id: str | None) -> None:
    """Store the row with another trace id; the version before had none."""
    fields: Mapping[str, Any] = {"trace_id": trace_id}
    world.ledger.rows[row.key] = changed(row, **fields)


@pytest.mark.parametrize("customer", [{"customer_id": 42}, {"customer_id": None, "email": EMAIL}])
def test_the_id_that_a_sign_up_brings_is_that_of_barcode_watch_and_event(
    customer: dict[str, Any],
) -> None:
    world = World(WATCHED)
    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=42)

    world.handle(traced(message(**customer, **NAMES)))

    assert world.states == [IssuanceState.ISSUED]
    assert {row.trace_id for row in world.issuances} == {TRACE}
    assert {row.trace_id for row in world.resolutions} <= {TRACE}
    assert [row.trace_id for row in of(world, Watch)] == [TRACE]
    assert events_of(world) == [TRACE]


def test_without_one_it_is_derived_and_does_not_show_the_sign_ups_id() -> None:
    world = World()

    world.handle(message(signup_id=EMAIL), message(7, signup_id="signup-2"))

    assert [row.trace_id for row in world.issuances] == [
        derived(world, EMAIL),
        derived(world, "signup-2"),
    ]
    assert events_of(world) == [row.trace_id for row in world.issuances]


@pytest.mark.parametrize("given", NO_TRACEPARENT)
def test_one_that_is_not_valid_costs_nothing_and_is_no_dropped_field(given: object) -> None:
    world = World()

    report = world.handle(traced(message(), given))

    assert (report.failed, world.quarantine.letters) == ([], [])
    assert report.metrics.get(Metric.DROPPED_FIELDS, 0) == 0
    assert world.issuance.dropped_fields == ()
    assert world.issuance.trace_id == derived(world)


@pytest.mark.parametrize("given", NO_TRACEPARENT)
@pytest.mark.parametrize("odd", [{}, {"consents": "all"}])
def test_over_http_it_is_accepted_as_well(given: object, odd: dict[str, object]) -> None:
    content = {**json.loads(traced(message(), given).body), **odd}

    read = read_sign_ups(json.dumps(content).encode(), webhook_id="w", now=NOON)

    assert isinstance(read, SignUpBatch)
    assert [list(one) for one in read.dropped] == [["consents"] if odd else []]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(GIVEN),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@thorough(500, few=30)
@given(given_=JSON)
def test_whatever_it_is_the_sign_up_gets_its_barcode(given_: object) -> None:
    world = World()

    world.handle(traced(message(), given_))

    assert world.states == [IssuanceState.ISSUED]
    assert world.issuance.trace_id == (TRACE if given_ == GIVEN else derived(world))


def test_a_repetition_under_another_id_joins_the_row_which_keeps_its_first() -> None:
    world = World()
    world.handle(traced(message()))

    report = world.handle(traced(message(), OTHER), message(signup_id="signup-2"))

    assert report.metrics[Metric.DUPLICATES] == 2
    assert world.issuance.trace_id == TRACE


def test_a_refused_one_that_a_later_sign_up_reopens_goes_on_under_that_ones_id() -> None:
    world = World(replace(PROGRAM, required_consents=("marketing",)))
    world.handle(traced(message()))
    refused = world.issuance
    world.publish()

    world.handle(message(signup_id="signup-2", consents=["marketing"]))

    assert (refused.state, refused.trace_id) == (IssuanceState.REJECTED, TRACE)
    assert (world.issuance.signup_id, world.issuance.trace_id) == (
        "signup-2",
        derived(world, "signup-2"),
    )
    assert events_of(world) == [TRACE, derived(world, "signup-2")]


@pytest.mark.parametrize(
    ("given", "expected"), [(GIVEN, TRACE), (EMAIL, None), ([GIVEN], None), (None, None)]
)
def test_a_rejected_sign_up_has_the_id_that_it_brings_or_its_own(
    given: object, expected: str | None
) -> None:
    world = World()
    nameless = Message(message_id="m-1", body='{"signup_id": "signup-1", "customer": 7}')

    world.handle(traced(nameless, given))

    (row,) = of(world, Rejection)
    assert row.trace_id == (expected or derived(world))
    assert events_of(world) == [row.trace_id]


def test_a_sign_up_that_reuses_an_id_is_rejected_under_the_id_that_it_brings() -> None:
    world = World()
    world.handle(traced(message(None, email="bob@customer.example")))

    world.handle(traced(message(None, email=EMAIL), OTHER))

    assert [row.trace_id for row in world.resolutions] == [TRACE]
    assert [row.trace_id for row in of(world, Rejection)] == [TRACE[::-1]]


def test_without_the_pepper_an_unusable_sign_up_comes_again_and_is_kept_once() -> None:
    world = World()
    world.pseudonyms.failure = SecretUnavailable("get_secret_value: ThrottlingException")
    bad = [
        Message(message_id="m-1", body='{"signup_id": "signup-1", "customer": 7}'),
        Message(message_id="m-2", body='{"no": "sign-up"}'),
    ]

    first = world.handle(*bad)
    kept_first = len(world.unidentified.bodies)
    world.pseudonyms.failure = None
    second = world.handle(*bad)

    assert (sorted(first.failed), kept_first) == (["m-1", "m-2"], 0)
    assert (second.failed, len(world.unidentified.bodies)) == ([], 1)
    assert [row.trace_id for row in of(world, Rejection)] == [derived(world)]


@pytest.mark.parametrize("given", [GIVEN, EMAIL])
def test_one_that_was_kept_has_the_id_of_its_arrival_when_a_program_matches(given: str) -> None:
    world = World(MISTYPED)
    world.handle(traced(a_sign_up(1), given))
    world.handle(traced(a_sign_up(1), OTHER))
    waiting = len(kept(world))

    world.programs.put(PROGRAM)
    rematch(world)
    world.handle(continued(*kept(world)))

    assert waiting == 1
    assert world.issuance.trace_id == (TRACE if given == GIVEN else derived(world, "s1"))


def test_rows_of_the_version_before_go_on_with_a_derived_one_where_they_make_another() -> None:
    world = World(WATCHED)
    world.handle(message(None, email=EMAIL, **NAMES))
    with_trace_id(world, world.resolutions[0], None)

    world.barcodes.knows(account=BRAND, email=EMAIL, customer_id=42)
    for _ in range(3):
        world.cycle()

    assert world.resolutions[0].trace_id is None
    assert world.issuance.trace_id == derived(world)
    assert [row.trace_id for row in of(world, Watch)] == [derived(world)]


@pytest.mark.parametrize("trace_id", [None, "", "no-trace-id", "0" * 32, TRACE.upper()])
def test_an_issuance_without_one_that_is_valid_is_published_without_one(
    trace_id: str | None,
) -> None:
    world = World(WATCHED)
    world.handle(message(**NAMES))
    with_trace_id(world, world.issuance, trace_id)
    world.bus.events.clear()

    world.publisher().publish([world.issuance])

    (event,) = world.bus.events
    assert "trace_id" not in event.model_dump(mode="json")["metadata"]
    assert "trace_id" not in json.loads(event.model_dump_json())["metadata"]


def test_a_program_that_only_watches_has_the_id_as_well() -> None:
    world = World(ONLY)

    world.handle(traced(message(**NAMES)))

    assert [row.trace_id for row in of(world, Watch)] == [TRACE]
    assert of(world, Issuance) == []


def test_only_a_sign_ups_events_have_one() -> None:
    world = World(MISTYPED)
    world.handle(traced(a_sign_up(1)))

    assert events_of(world) == [None]
    assert not any(isinstance(one, SignUpRejected) for one in world.bus.events)
