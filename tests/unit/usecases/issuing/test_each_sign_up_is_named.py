"""Each sign-up ends well or waits, and stands in the line of its batch: none vanishes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.aws.ledger.codec import decode, encode
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests.fakes.barcodes import Fate
from tests.thorough import thorough
from tests.unit.usecases.issuing.admitted import SCHEMA, values_of
from tests.unit.usecases.issuing.unmatched_world import MISTYPED
from tests.unit.usecases.polling.polling_world import UNIQODO
from tests.unit.usecases.world import BRAND, PROGRAM, World, message

ADA = "ada@customer.example"
NEWS = ("news",)
USER: Mapping[str, Any] = {"uniqodo_user_id": "user-1"}
ONLY = replace(PROGRAM, name="only", account=None, offer_id=None, channel=None, watches=(UNIQODO,))
CONSENTING = replace(PROGRAM, required_consents=NEWS)
PROGRAMS = (
    PROGRAM,
    CONSENTING,
    ONLY,
    replace(PROGRAM, watches=(UNIQODO,)),
    replace(ONLY, required_consents=NEWS),
    replace(MISTYPED, name="mistyped"),
)


def trace_id(number: int) -> str:
    return f"{number:032x}"


def traced(*sign_ups: Message, first: int = 1) -> list[Message]:
    """Return each with a trace id of its own, from `first` on, and a message of its own."""
    return [
        replace(
            one,
            message_id=f"m-{number}",
            body=json.dumps(
                json.loads(one.body) | {"traceparent": f"00-{trace_id(number)}-00f067aa0ba902b7-01"}
            ),
        )
        for number, one in enumerate(sign_ups, first)
    ]


def named(world: World, *sign_ups: Message) -> Mapping[str, list[int]]:
    found = world.handle(*sign_ups).traces
    return {what.value: sorted(int(one, 16) for one in traces) for what, traces in found.items()}


def without(name: str) -> Message:
    content = json.loads(message().body)
    return replace(message(), body=json.dumps({k: v for k, v in content.items() if k != name}))


def test_two_that_are_refused_together_for_one_customer_are_both_named() -> None:
    world = World(CONSENTING)

    found = named(world, *traced(message(), message(signup_id="later")))

    assert found == {"refused": [1], "duplicate": [1, 2]}


def test_one_that_starts_a_refused_row_again_is_named_with_the_first() -> None:
    world = World(CONSENTING)
    world.handle(*traced(message()))
    world.publish()

    found = named(world, *traced(message(signup_id="later", consents=NEWS), first=2))

    assert found == {"issued": [2], "duplicate": [1, 2]}


def test_an_address_of_a_customer_who_is_in_the_batch_is_a_duplicate() -> None:
    world = World()
    world.barcodes.knows(account=BRAND, email=ADA, customer_id=42)

    by_address = message(None, email=ADA, signup_id="later")

    assert named(world, *traced(message(), by_address)) == {"issued": [1], "duplicate": [1, 2]}
    assert named(World(), *traced(message(), message(7))) == {"issued": [1, 2]}


@pytest.mark.parametrize("together", [1, 2])
def test_a_customer_who_is_watched_already_is_named_with_the_watch(together: int) -> None:
    world = World(ONLY)
    sign_ups = traced(message(**USER), message(signup_id="later", **USER))

    found = named(world, *sign_ups[:together])
    later = named(world, *sign_ups[together:]) if together < len(sign_ups) else found

    assert found["watched"] == [1]
    assert later["duplicate"] == [1, 2]


def test_one_without_a_name_to_watch_is_refused() -> None:
    assert named(World(ONLY), *traced(message())) == {"refused": [1]}


def test_a_barcode_whose_watch_began_for_another_sign_up_names_both() -> None:
    world = World(replace(PROGRAM, watches=(UNIQODO,)))
    world.handle(*traced(message(**USER)))

    found = named(world, *traced(message(7, signup_id="later", **USER), first=2))

    assert found == {"issued": [2], "duplicate": [1, 2]}


@pytest.mark.parametrize("name", ["customer", "signup_id"])
def test_one_that_cannot_be_read_is_refused_each_time_and_fails_if_it_is_not_kept(
    name: str,
) -> None:
    world = World()
    (unreadable,) = traced(without(name))
    world.quarantine.will_fail()

    found = [named(world, unreadable) for _ in range(3)]

    assert found[0]["failed"] == [1]
    assert found[1:] == [{"refused": [1]}] * 2


def test_one_with_the_id_of_another_customer_is_refused_each_time() -> None:
    world = World()
    world.handle(*traced(message(None, email="bob@customer.example")))
    reused = traced(message(None, email=ADA), first=2)

    assert [named(world, *reused) for _ in range(2)] == [{"refused": [2]}] * 2


SIGN_UP = st.one_of(
    st.builds(
        message,
        st.sampled_from([None, 1, 2]),
        signup_id=st.sampled_from(["s-1", "s-2", "s-3"]),
        email=st.sampled_from([None, ADA, "bob@customer.example"]),
        consents=st.sampled_from([(), NEWS]),
        uniqodo_user_id=st.sampled_from([None, "user-1"]),
    ),
    st.sampled_from([without("customer"), without("signup_id")]),
)


@thorough(3000, few=30)
@given(
    programs=st.lists(
        st.sampled_from(PROGRAMS), min_size=1, max_size=2, unique_by=lambda one: one.name
    ),
    batches=st.lists(
        st.tuples(
            st.lists(SIGN_UP, min_size=1, max_size=3),
            st.sampled_from([None, *Fate]),
            st.sampled_from([None, "read", "write"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_whatever_comes_no_sign_up_is_left_out(
    programs: Sequence[Any], batches: Sequence[tuple[list[Message], Fate | None, Any, bool]]
) -> None:
    world = World(*programs)
    world.barcodes.knows(account=BRAND, email=ADA, customer_id=1)
    first = 1
    for sign_ups, fate, silent, is_published in batches:
        if fate is not None:
            world.barcodes.will(fate)
        if silent is not None:
            world.ledger.will_fail(silent, times=len(sign_ups))

        found = named(world, *traced(*sign_ups, first=first))

        expected = set(range(first, first + len(sign_ups)))
        assert expected <= {one for traces in found.values() for one in traces}
        first += len(sign_ups)
        if is_published:
            world.publish()
        world.cycle()


@thorough(2000, few=150)
@given(detail=values_of(SCHEMA))
def test_what_the_schema_admits_ends_well_and_can_be_stored(detail: object) -> None:
    world = World(PROGRAM)

    report = world.handle(Message(message_id="m-1", body=json.dumps(detail)))
    world.publish()

    assert (report.failed, report.bugs, report.broken) == ([], [], frozenset())
    assert report.traces or report.metrics == {Metric.QUARANTINED: 1}
    for row in world.ledger.rows.values():
        assert decode(encode(row)) == row
    decided = [*world.bus.events, *world.quarantine.letters, *world.resolutions]
    assert decided
    assert set(world.states) <= {IssuanceState.ISSUED, IssuanceState.REJECTED}
