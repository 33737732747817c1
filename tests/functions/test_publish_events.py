"""The handler of publish_events: which records of the table's stream become events."""

from collections.abc import Mapping
from dataclasses import replace

from couponbus.aws.ledger.codec import encode
from couponbus.domain.errors import BusUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from functions.publish_events.handler import StreamEvent, handler
from tests import factories
from tests.functions.invocation import FakeContext, Output
from tests.functions.issuing_harness import IssuingHarness

type Change = tuple[Row | None, Row | None]


def stream(*changes: Change) -> StreamEvent:
    """Return a stream batch with the old and the new image of each change."""
    records = [
        {"dynamodb": {"SequenceNumber": f"seq-{number}", **images(*change)}}
        for number, change in enumerate(changes)
    ]
    return {"Records": records}  # type: ignore[typeddict-item]


def images(before: Row | None, after: Row | None) -> Mapping[str, object]:
    old = {} if before is None else {"OldImage": encode(before)}
    return old if after is None else {**old, "NewImage": encode(after)}


def decision() -> tuple[Issuance, Issuance]:
    """Return an issuance before and after it was issued."""
    after = factories.any_issued()
    return replace(after, outcomes=0, revision=after.revision - 1), after


def in_the_ledger(harness: IssuingHarness, *rows: Row) -> None:
    harness.ledger.rows.update({row.key: row for row in rows})


def test_a_decision_becomes_an_event_and_is_marked() -> None:
    harness = IssuingHarness()
    before, after = decision()
    in_the_ledger(harness, after)

    answer = handler(stream((before, after)), FakeContext(), service=harness.publish_events)

    assert answer == {"batchItemFailures": []}
    assert harness.published_types == ["BarcodeIssued"]
    assert not harness.ledger.rows[after.key].unpublished


def test_a_row_that_is_born_decided_becomes_an_event() -> None:
    harness = IssuingHarness()
    rejection = replace(factories.any_rejection(), outcomes=1, published=0)
    in_the_ledger(harness, rejection)

    handler(stream((None, rejection)), FakeContext(), service=harness.publish_events)

    assert harness.published_types == ["SignUpRejected"]


def test_its_own_marks_do_not_come_back_as_events() -> None:
    harness = IssuingHarness()
    before, after = decision()
    in_the_ledger(harness, after)
    handler(stream((before, after)), FakeContext(), service=harness.publish_events)

    handler(
        stream((after, harness.ledger.rows[after.key])),
        FakeContext(),
        service=harness.publish_events,
    )

    assert harness.published_types == ["BarcodeIssued"]


def test_a_change_that_decides_nothing_new_is_left_to_the_sweeper() -> None:
    harness = IssuingHarness()
    _, after = decision()
    later = replace(after, revision=after.revision + 1)
    in_the_ledger(harness, later)

    handler(stream((after, later)), FakeContext(), service=harness.publish_events)

    assert harness.published_types == []


def test_a_claim_and_a_removal_are_no_events() -> None:
    harness = IssuingHarness()
    claimed = factories.any_requested()

    answer = handler(
        stream((None, claimed), (claimed, None)), FakeContext(), service=harness.publish_events
    )

    assert answer == {"batchItemFailures": []}
    assert harness.published_types == []


def test_of_two_decisions_on_one_row_only_the_last_is_published() -> None:
    harness = IssuingHarness()
    before, after = decision()
    again = replace(after, outcomes=2, revision=after.revision + 1)
    in_the_ledger(harness, again)

    handler(stream((before, after), (after, again)), FakeContext(), service=harness.publish_events)

    assert [event.metadata.sequence for event in harness.bus.events] == [2]


def test_what_the_bus_refuses_comes_again_from_its_first_record() -> None:
    harness = IssuingHarness()
    decisions = [decision() for _ in range(3)]
    in_the_ledger(harness, *(after for _, after in decisions))
    harness.bus.will({1})

    answer = handler(stream(*decisions), FakeContext(), service=harness.publish_events)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-1"}]}
    assert [harness.ledger.rows[after.key].unpublished for _, after in decisions] == [
        False,
        True,
        False,
    ]


def test_a_silent_bus_brings_all_of_them_again() -> None:
    harness = IssuingHarness()
    decisions = [decision(), decision()]
    harness.bus.will(BusUnavailable("put_events: ReadTimeoutError"))

    answer = handler(stream(*decisions), FakeContext(), service=harness.publish_events)

    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == ["seq-0", "seq-1"]


def test_a_row_that_cannot_be_read_raises_an_alarm_and_holds_nothing_back(
    output: Output,
) -> None:
    harness = IssuingHarness()
    first, second = decision(), decision()
    in_the_ledger(harness, first[1], second[1])
    event = stream(first, second)
    broken = {**encode(first[1]), "state": {"S": "ON FIRE"}}
    event["Records"][0]["dynamodb"]["NewImage"] = broken

    answer = handler(event, FakeContext(), service=harness.publish_events)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-0"}]}
    assert [event.metadata.id for event in harness.bus.events] != []
    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert alarm["message"] == "row unreadable"
    assert first[1].key in str(alarm["error"])
    assert printed.only_metrics == {"Published": 1, "Failed": 1, "BrokenRows": 1}


def test_a_row_that_cannot_be_marked_raises_an_alarm_and_comes_not_again(output: Output) -> None:
    harness = IssuingHarness()
    before, after = decision()
    in_the_ledger(harness, after)
    harness.ledger.unfit.add(after.key)

    answer = handler(stream((before, after)), FakeContext(), service=harness.publish_events)

    assert answer == {"batchItemFailures": []}
    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["keys"]) == ("rows broken", [after.key])
    assert printed.only_metrics == {"Published": 1, "Failed": 0, "BrokenRows": 1}


def test_while_no_mark_is_taken_it_shows_and_no_record_comes_again(output: Output) -> None:
    harness = IssuingHarness()
    before, after = decision()
    in_the_ledger(harness, after)
    harness.ledger.will_fail("write", times=3)

    answer = handler(stream((before, after)), FakeContext(), service=harness.publish_events)

    assert answer == {"batchItemFailures": []}
    printed = output.read()
    assert printed.only_metrics == {"Published": 1, "Failed": 1}
    assert printed.logs[0]["failed"] == [
        {"rows": 1, "why": "LedgerUnavailable:write:ReadTimeoutError"}
    ]


def test_a_mistake_of_ours_is_counted_and_only_its_record_comes_again(output: Output) -> None:
    harness = IssuingHarness()
    bad, good = (replace(decision()[1], trail=(), decided_at=None)), decision()[1]
    in_the_ledger(harness, bad, good)

    answer = handler(
        stream((None, bad), (None, good)), FakeContext(), service=harness.publish_events
    )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-0"}]}
    assert output.read().only_metrics == {"Published": 1, "Failed": 1, "UnexpectedErrors": 1}


def test_a_batch_makes_one_log_line_and_one_metric_record(
    output: Output,
) -> None:
    harness = IssuingHarness()
    decisions = [decision() for _ in range(5)]
    in_the_ledger(harness, *(after for _, after in decisions))

    handler(stream(*decisions), FakeContext(), service=harness.publish_events)

    printed = output.read()
    assert [line["message"] for line in printed.logs] == ["events published"]
    assert printed.only_metrics == {"Published": 5, "Failed": 0}
