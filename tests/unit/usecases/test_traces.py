"""A batch names its traces by their last outcome, and why messages come again."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from couponbus.domain.errors import (
    ConfigurationInvalid,
    LedgerUnavailable,
    ProviderUnavailable,
    QueueUnavailable,
    RowsBroken,
    SecretUnavailable,
)
from couponbus.runtime.observability import TRACES_MAX, failures_in_line, traces_in_line
from couponbus.usecases.causes import cause_of, first_of
from couponbus.usecases.invocation import BatchResult
from couponbus.usecases.messages import Message
from couponbus.usecases.traces import Traced, Traces
from tests.factories import any_issuance, any_issued, any_requested
from tests.fakes.barcodes import Fate
from tests.unit.usecases.issuing.unmatched_world import MISTYPED, a_sign_up, kept, rematch
from tests.unit.usecases.polling.polling_world import UNIQODO
from tests.unit.usecases.world import BRAND, PROGRAM, World, continued, message

ADA = "ada@customer.example"
ONLY = replace(PROGRAM, name="only", account=None, offer_id=None, channel=None, watches=(UNIQODO,))


def trace_id(number: int) -> str:
    return f"{number:032x}"


def of(world: World, signup_id: str = "signup-1") -> str:
    return world.pseudonyms.trace_id(tenant="default", signup_id=signup_id)


def outcomes(result: BatchResult) -> Mapping[str, list[str]]:
    return {what.value: [*traces] for what, traces in result.traces.items()}


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [
        (Fate.DONE, "issued"),
        (Fate.LOST_AFTER, "unknown"),
        (Fate.THROTTLED, "postponed"),
    ],
)
def test_the_last_outcome_of_a_sign_up_counts(fate: Fate, outcome: str) -> None:
    world = World()
    world.barcodes.will(fate)

    result = world.handle(message())

    assert outcomes(result) == {outcome: [of(world)]}
    assert result.traces[Traced(outcome)] == {of(world): world.issuance.key}


def test_a_look_up_that_decides_is_noted_too() -> None:
    world = World()
    world.barcodes.will(Fate.LOST_AFTER)
    world.handle(message())
    world.clock.pass_time(3600)

    assert outcomes(world.handle(continued(world.issuance))) == {"issued": [of(world)]}


def test_a_later_sign_up_of_the_same_customer_names_both_traces() -> None:
    world = World()
    world.handle(message())

    result = world.handle(message(signup_id="later"))
    in_one_batch = World().handle(message(), message(signup_id="later"))

    assert outcomes(result) == {"duplicate": [of(world, "later"), of(world)]}
    assert outcomes(in_one_batch) == {
        "duplicate": [of(world), of(world, "later")],
        "issued": [of(world)],
    }
    assert set(result.traces[Traced.DUPLICATE].values()) == {world.issuance.key}


def test_a_search_for_the_customer_is_postponed_until_it_is_found() -> None:
    world = World()

    waiting = world.handle(message(None, email=ADA))
    again = world.handle(message(None, email=ADA))
    world.barcodes.knows(account=BRAND, email=ADA, customer_id=42)
    world.clock.pass_time(3600)
    (resolution,) = world.resolutions
    found = world.handle(continued(resolution))

    assert outcomes(waiting) == {"postponed": [of(world)]}
    assert outcomes(again)["duplicate"] == [of(world)]
    assert outcomes(found) == {"issued": [of(world)]}


def test_what_no_program_matches_is_unmatched_each_time_and_leads_to_its_row() -> None:
    world = World(MISTYPED)

    first = world.handle(a_sign_up(1))
    (row,) = kept(world)
    rematch(world)
    second = world.handle(continued(*kept(world)))

    assert first.traces == second.traces == {Traced.UNMATCHED: {of(world, "s1"): row.key}}


def test_a_sign_up_that_is_watched_only_or_refused_names_its_trace() -> None:
    world = World(ONLY)

    watched = world.handle(message(uniqodo_user_id="user-1"))
    refused = World(replace(ONLY, required_consents=("news",))).handle(message())

    assert outcomes(watched) == {"watched": [of(world)]}
    assert outcomes(refused) == {"refused": [of(world)]}


def test_an_invalid_sign_up_with_an_id_is_refused_under_its_trace() -> None:
    world = World()

    result = world.handle(Message(message_id="m-1", body='{"signup_id": "signup-1"}'))

    assert outcomes(result) == {"refused": [of(world)]}


def test_a_silent_ledger_names_the_traces_that_come_again_and_why() -> None:
    world = World()
    world.ledger.will_fail("write", times=10)

    result = world.handle(message(), message(43, signup_id="other"))

    assert outcomes(result) == {"failed": [of(world), of(world, "other")]}
    assert result.causes == dict.fromkeys(
        ["m-signup-1", "m-other"], "LedgerUnavailable:write:ReadTimeoutError"
    )


def test_without_the_pepper_messages_come_again_without_their_traces() -> None:
    world = World()
    world.pseudonyms.failure = SecretUnavailable(ADA, code="get_secret_value:Throttling")

    result = world.handle(message())

    assert (result.failed, result.traces) == (["m-signup-1"], {})
    assert [*result.causes.values()] == ["SecretUnavailable:get_secret_value:Throttling"]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ZeroDivisionError(ADA), "ZeroDivisionError"),
        (RowsBroken([ADA]), "RowsBroken"),
        (ConfigurationInvalid(f"program {ADA}"), "ConfigurationInvalid"),
        (ProviderUnavailable(ADA, provider="coniq", route="/x"), "ProviderUnavailable"),
        (LedgerUnavailable(ADA), "LedgerUnavailable"),
        (LedgerUnavailable(ADA, code="write:Throttling"), "LedgerUnavailable:write:Throttling"),
        (QueueUnavailable(ADA, code="send <{ADA}>\n\u202e"), "QueueUnavailable:sendADA"),
        (QueueUnavailable(ADA, code="x" * 500), f"QueueUnavailable:{'x' * 80}"),
    ],
)
def test_a_cause_is_a_class_and_a_code_and_never_a_text(error: Exception, why: str) -> None:
    assert cause_of(error) == why


def test_a_message_that_failed_twice_has_its_first_reason() -> None:
    bug, ledger = cause_of(ZeroDivisionError()), cause_of(LedgerUnavailable())

    assert first_of({"m-1": bug}, {"m-2": ledger, "m-1": ledger}) == {"m-1": bug, "m-2": ledger}


def test_rows_without_a_trace_are_not_named() -> None:
    traces = Traces()

    traces.note([any_issued(), any_requested()])
    traces.add(Traced.FAILED, None)

    assert traces.by_outcome() == {}


def test_two_rows_of_a_trace_with_one_outcome_name_it_once() -> None:
    traces = Traces()

    traces.note([replace(any_issued(), trace_id=trace_id(1)) for _ in range(2)])

    assert [*traces.by_outcome()[Traced.ISSUED]] == [trace_id(1)]


@pytest.mark.parametrize("number", [1, TRACES_MAX, TRACES_MAX + 1, 5 * TRACES_MAX])
def test_a_line_names_so_many_traces_and_counts_the_others(number: int) -> None:
    traces = Traces()
    traces.note([replace(any_issuance(), trace_id=trace_id(one)) for one in range(1, number + 1)])
    traces.add(Traced.FAILED, trace_id(0), key="ROW#1")

    line = traces_in_line(traces.by_outcome())

    named, rows = line["traces"], line["rows"]
    assert isinstance(named, dict)
    assert isinstance(rows, dict)
    assert sum(map(len, named.values())) + int(str(line.get("traces_left_out", 0))) == number + 1
    assert sum(map(len, named.values())) <= TRACES_MAX
    assert (named["failed"], rows["failed"]) == ([trace_id(0)], ["ROW#1"])
    assert [len(keys) for keys in rows.values()] == [len(ids) for ids in named.values()]


def test_a_line_without_any_has_no_empty_fields() -> None:
    assert traces_in_line({}) == failures_in_line({}) == {}
