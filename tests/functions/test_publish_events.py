"""The handler of publish_events: what of the table's stream becomes an event, and what does not."""

from collections.abc import Mapping
from dataclasses import replace

from couponbus.aws.ledger.codec import encode
from couponbus.domain.errors import BusUnavailable
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.row import Row
from functions.publish_events.handler import StreamEvent, handler
from tests import factories
from tests.functions.desk import Desk
from tests.functions.invocation import FakeContext, Output

type Change = tuple[Row | None, Row | None]


def stream(*changes: Change) -> StreamEvent:
    """Return a batch of the stream: of each change the row before and the row after."""
    records = [
        {"dynamodb": {"SequenceNumber": f"seq-{number}", **images(*change)}}
        for number, change in enumerate(changes)
    ]
    return {"Records": records}  # type: ignore[typeddict-item]


def images(before: Row | None, after: Row | None) -> Mapping[str, object]:
    old = {} if before is None else {"OldImage": encode(before)}
    return old if after is None else {**old, "NewImage": encode(after)}


def decision() -> tuple[Issuance, Issuance]:
    """Return an issuance before and after its barcode came."""
    after = factories.any_issued()
    return replace(after, outcomes=0, revision=after.revision - 1), after


def in_the_ledger(desk: Desk, *rows: Row) -> None:
    desk.ledger.rows.update({row.key: row for row in rows})


def test_a_decision_becomes_an_event_and_is_marked() -> None:
    desk = Desk()
    before, after = decision()
    in_the_ledger(desk, after)

    answer = handler(stream((before, after)), FakeContext(), service=desk.publish_events)

    assert answer == {"batchItemFailures": []}
    assert desk.told == ["BarcodeIssued"]
    assert not desk.ledger.rows[after.key].unpublished


def test_a_row_that_is_born_decided_becomes_an_event() -> None:
    desk = Desk()
    rejection = replace(factories.any_rejection(), outcomes=1, published=0)
    in_the_ledger(desk, rejection)

    handler(stream((None, rejection)), FakeContext(), service=desk.publish_events)

    assert desk.told == ["SignUpRejected"]


def test_its_own_marks_do_not_come_back_as_events() -> None:
    desk = Desk()
    before, after = decision()
    in_the_ledger(desk, after)
    handler(stream((before, after)), FakeContext(), service=desk.publish_events)

    handler(
        stream((after, desk.ledger.rows[after.key])), FakeContext(), service=desk.publish_events
    )

    assert desk.told == ["BarcodeIssued"]


def test_a_change_that_decides_nothing_new_is_left_to_the_sweeper() -> None:
    desk = Desk()
    _, after = decision()
    later = replace(after, revision=after.revision + 1)
    in_the_ledger(desk, later)

    handler(stream((after, later)), FakeContext(), service=desk.publish_events)

    assert desk.told == []


def test_a_claim_and_a_removal_are_no_events() -> None:
    desk = Desk()
    claimed = factories.any_requested()

    answer = handler(
        stream((None, claimed), (claimed, None)), FakeContext(), service=desk.publish_events
    )

    assert answer == {"batchItemFailures": []}
    assert desk.told == []


def test_of_two_decisions_on_one_row_only_the_last_is_told() -> None:
    desk = Desk()
    before, after = decision()
    again = replace(after, outcomes=2, revision=after.revision + 1)
    in_the_ledger(desk, again)

    handler(stream((before, after), (after, again)), FakeContext(), service=desk.publish_events)

    assert [event.metadata.sequence for event in desk.bus.events] == [2]


def test_what_the_bus_refuses_comes_again_from_its_first_record() -> None:
    desk = Desk()
    decisions = [decision() for _ in range(3)]
    in_the_ledger(desk, *(after for _, after in decisions))
    desk.bus.will({1})

    answer = handler(stream(*decisions), FakeContext(), service=desk.publish_events)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-1"}]}
    assert [desk.ledger.rows[after.key].unpublished for _, after in decisions] == [
        False,
        True,
        False,
    ]


def test_a_silent_bus_brings_all_of_them_again() -> None:
    desk = Desk()
    decisions = [decision(), decision()]
    desk.bus.will(BusUnavailable("put_events: ReadTimeoutError"))

    answer = handler(stream(*decisions), FakeContext(), service=desk.publish_events)

    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == ["seq-0", "seq-1"]


def test_a_row_that_cannot_be_read_raises_an_alarm_and_holds_nobody_back(
    output: Output,
) -> None:
    desk = Desk()
    first, second = decision(), decision()
    in_the_ledger(desk, first[1], second[1])
    event = stream(first, second)
    broken = {**encode(first[1]), "state": {"S": "ON FIRE"}}
    event["Records"][0]["dynamodb"]["NewImage"] = broken

    answer = handler(event, FakeContext(), service=desk.publish_events)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "seq-0"}]}
    assert [event.metadata.id for event in desk.bus.events] != []
    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert alarm["message"] == "row unreadable"
    assert first[1].key in str(alarm["error"])
    assert printed.only_metrics == {"Published": 1, "Failed": 1, "BrokenRows": 1}


def test_a_row_that_cannot_be_marked_raises_an_alarm_and_comes_not_again(output: Output) -> None:
    desk = Desk()
    before, after = decision()
    in_the_ledger(desk, after)
    desk.ledger.unfit.add(after.key)

    answer = handler(stream((before, after)), FakeContext(), service=desk.publish_events)

    assert answer == {"batchItemFailures": []}
    printed = output.read()
    (alarm,) = [line for line in printed.logs if line["level"] == "ERROR"]
    assert (alarm["message"], alarm["keys"]) == ("rows broken", [after.key])
    assert printed.only_metrics == {"Published": 1, "Failed": 0, "BrokenRows": 1}


def test_a_batch_makes_one_log_line_and_one_metric_record(
    output: Output,
) -> None:
    desk = Desk()
    decisions = [decision() for _ in range(5)]
    in_the_ledger(desk, *(after for _, after in decisions))

    handler(stream(*decisions), FakeContext(), service=desk.publish_events)

    printed = output.read()
    assert [line["message"] for line in printed.logs] == ["events published"]
    assert printed.only_metrics == {"Published": 5, "Failed": 0}
