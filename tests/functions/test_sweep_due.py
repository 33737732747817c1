"""The handler of sweep_due: a tick in, metrics out."""

from dataclasses import replace
from datetime import timedelta

from couponbus.events.commands import AttemptDeliveries, ContinueWork
from functions.sweep_due.handler import handler
from tests import factories
from tests.functions.invocation import FakeContext, Output
from tests.functions.issuing_harness import IssuingHarness


def test_a_tick_hands_over_what_is_due_and_publishes_what_is_owed() -> None:
    harness = IssuingHarness()
    late = harness.clock.now() - timedelta(seconds=90)
    waiting = replace(factories.any_requested(), due_at=late, ready_at=None)
    owed = replace(factories.any_issued(), due_at=late)
    harness.ledger.rows.update({row.key: row for row in (waiting, owed)})

    counts = handler({}, FakeContext(), service=harness.sweep_due)

    assert harness.commands.sent == [ContinueWork(keys=(waiting.key,))]
    assert harness.published_types == ["BarcodeIssued"]
    assert counts == {
        "Swept": 1,
        "Enqueued": 1,
        "Published": 1,
        "Failed": 0,
        "UnsentSignups": 0,
        "UnsentPolls": 0,
        "UnsentRedeliveries": 0,
        "Braked": 0,
        "OldestDueSeconds": 90,
        "AmbiguousOpen": 0,
        "EndpointsDisabled": 0,
    }


def test_a_watch_that_is_due_goes_to_the_pollers() -> None:
    harness = IssuingHarness()
    watch = replace(factories.any_watch(), due_at=harness.clock.now() - timedelta(seconds=90))
    harness.ledger.rows[watch.key] = watch

    handler({}, FakeContext(), service=harness.sweep_due)

    assert harness.polls.sent == [ContinueWork(keys=(watch.key,))]
    assert harness.commands.sent == []


def test_a_delivery_that_is_due_goes_to_those_who_try_again() -> None:
    harness = IssuingHarness()
    late = harness.clock.now() - timedelta(seconds=90)
    delivery = replace(factories.any_delivery(), due_at=late)
    harness.ledger.rows[delivery.key] = delivery

    handler({}, FakeContext(), service=harness.sweep_due)

    assert harness.redeliveries.sent == [
        AttemptDeliveries(attempt="again", endpoint_id=delivery.endpoint_id, keys=(delivery.key,))
    ]
    assert (harness.commands.sent, harness.polls.sent) == ([], [])


def test_a_tick_shows_that_it_ran_even_when_there_was_nothing_to_do(
    output: Output,
) -> None:
    handler({"time": "2026-06-01T12:00:00Z"}, FakeContext(), service=IssuingHarness().sweep_due)

    printed = output.read()
    assert [line["message"] for line in printed.logs] == ["swept"]
    assert printed.only_metrics["Swept"] == 1


def test_lateness_is_a_metric_in_seconds(output: Output) -> None:
    handler({}, FakeContext(), service=IssuingHarness().sweep_due)

    (record,) = output.read().metrics
    assert "{'Name': 'OldestDueSeconds', 'Unit': 'Seconds'}" in str(record["_aws"])


def test_an_invocation_that_is_about_to_end_starts_nothing() -> None:
    harness = IssuingHarness()
    due = replace(factories.any_requested(), due_at=harness.clock.now(), ready_at=None)
    harness.ledger.rows[due.key] = due

    counts = handler({}, FakeContext(milliseconds=5_000), service=harness.sweep_due)

    assert harness.commands.sent == []
    assert counts["Enqueued"] == 0


def test_a_level_that_cannot_be_counted_is_missing_and_the_tick_has_failed(output: Output) -> None:
    harness = IssuingHarness()
    harness.ledger.will_fail("attention")

    handler({}, FakeContext(), service=harness.sweep_due)

    metrics = output.read().only_metrics
    assert (metrics["Swept"], metrics["Failed"], metrics["EndpointsDisabled"]) == (1, 1, 0)
    assert "AmbiguousOpen" not in metrics


def test_while_no_row_can_be_read_none_counts_as_done(output: Output) -> None:
    harness = IssuingHarness()
    harness.ledger.will_fail("due", times=20)

    handler({}, FakeContext(), service=harness.sweep_due)

    assert "OldestDueSeconds" not in output.read().only_metrics


def test_a_mistake_of_ours_is_counted(output: Output) -> None:
    harness = IssuingHarness()
    late = harness.clock.now() - timedelta(seconds=90)
    owed = replace(factories.any_issued(), due_at=late, trail=(), decided_at=None)
    harness.ledger.rows[owed.key] = owed

    handler({}, FakeContext(), service=harness.sweep_due)

    metrics = output.read().only_metrics
    assert (metrics["UnexpectedErrors"], metrics["Failed"]) == (1, 1)
