"""Events sent to a bus that refuses some, is throttled, or does not answer."""

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from couponbus.aws.batches import BYTES_PER_CALL, ENTRIES_PER_CALL
from couponbus.aws.clients import TRIES
from couponbus.aws.event_bus import CALLS_AT_ONCE, EventBridgeBus
from couponbus.aws.queues import SqsNotifications
from couponbus.domain.errors import BusUnavailable
from couponbus.events.sign_up_rejected import SignUpRejected
from tests import factories
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import BUS, Cloud, bodies_in
from tests.integration.aws.faults import Fault, faults_on

SILENCE = [faults.connect_timeout] * 3


@pytest.fixture
def bus(cloud: Cloud) -> EventBridgeBus:
    notifications = SqsNotifications(
        client=cloud.clients.sqs, url=cloud.commands_url, clock=ManualClock()
    )
    return EventBridgeBus(client=cloud.clients.events, bus=BUS, notifications=notifications)


def events(count: int) -> list[SignUpRejected]:
    return [factories.any_event() for _ in range(count)]


def of_size(size: int, *, letter: str = "x") -> SignUpRejected:
    """Return an event of `size` bytes, padded with one letter."""
    event = factories.any_event()
    padded = event.data.model_copy(update={"reason": ""})
    event = event.model_copy(update={"data": padded})
    overhead = 14 + len(event.source) + len(event.detail_type) + len(event.model_dump_json())
    filled, rest = divmod(size - overhead, len(letter.encode()))
    padded = padded.model_copy(update={"reason": letter * filled + "x" * rest})
    return event.model_copy(update={"data": padded})


def results(*codes: str | None) -> Fault:
    entries = [{"ErrorCode": code} if code else {"EventId": "1"} for code in codes]
    return faults.answer(FailedEntryCount=1, Entries=entries)


def entries_of(call: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    entries = call["Entries"]
    assert isinstance(entries, list)
    return entries


def test_an_entry_says_what_its_class_says(cloud: Cloud, bus: EventBridgeBus) -> None:
    (event,) = events(1)
    calls: list[Mapping[str, object]] = []

    with faults_on(cloud.clients.events) as script:
        script.will(faults.watched(calls))
        bus.publish([event])

    (entry,) = entries_of(calls[0])
    assert entry == {
        "EventBusName": BUS,
        "Source": "couponbus.sign_ups",
        "DetailType": "SignUpRejected",
        "Time": event.metadata.occurred_at.timestamp(),
        "Detail": event.model_dump_json(),
    }
    assert ": " not in str(entry["Detail"])


def test_refused_entries_are_known_by_their_index(cloud: Cloud, bus: EventBridgeBus) -> None:
    with faults_on(cloud.clients.events) as script:
        script.will(results(None, "ThrottlingException", None, "InternalFailure"))

        assert list(bus.publish(events(4))) == [1, 3]


def test_a_call_without_an_answer_leaves_its_events_to_be_published_again(
    cloud: Cloud, bus: EventBridgeBus
) -> None:
    def fails_for_the_second_call(request: AWSPreparedRequest, reach: faults.Pass) -> AWSResponse:
        if len(entries_of(faults.content_of(request))) < 10:
            return faults.connect_timeout(request, reach)
        return reach()

    with faults_on(cloud.clients.events) as script:
        script.will(*[fails_for_the_second_call] * 4)

        assert list(bus.publish(events(13))) == [10, 11, 12]


@pytest.mark.parametrize("count", [3, 25])
@pytest.mark.parametrize("fault", [faults.throttled, faults.broken, faults.lost_answer])
def test_without_any_answer_the_bus_is_unavailable(
    cloud: Cloud, bus: EventBridgeBus, fault: Fault, count: int
) -> None:
    with faults_on(cloud.clients.events) as script:
        script.will(*[fault] * 9)
        with pytest.raises(BusUnavailable, match=r"^put_events: \w+$"):
            bus.publish(events(count))


@pytest.mark.parametrize("answered", [0, 1])
def test_once_a_round_of_calls_is_not_answered_the_others_are_not_sent(
    cloud: Cloud, bus: EventBridgeBus, answered: int
) -> None:
    """`answered` counts the rounds before."""
    a_round = ENTRIES_PER_CALL * CALLS_AT_ONCE
    with faults_on(cloud.clients.events) as script:
        script.will(*[faults.passes] * CALLS_AT_ONCE * answered, *[faults.connect_timeout] * 99)
        with nullcontext() if answered else pytest.raises(BusUnavailable):
            refused = bus.publish(events(4 * a_round))
            assert list(refused) == list(range(a_round, 4 * a_round))

    assert len(script.calls) == CALLS_AT_ONCE * (answered + TRIES)


def test_a_short_disturbance_is_not_noticed(cloud: Cloud, bus: EventBridgeBus) -> None:
    with faults_on(cloud.clients.events) as script:
        script.will(faults.throttled, faults.broken)

        assert list(bus.publish(events(2))) == []


@pytest.mark.parametrize("letter", ["x", "ä", "漢"])
def test_an_event_that_is_too_large_is_refused_and_the_others_are_not(
    cloud: Cloud, bus: EventBridgeBus, letter: str
) -> None:
    small = events(2)

    with faults_on(cloud.clients.events) as script:
        refused = bus.publish([small[0], of_size(BYTES_PER_CALL + 1, letter=letter), small[1]])

        assert list(refused) == [1]
        assert len(script.calls) == 1


def test_an_event_alone_may_be_as_large_as_a_call(cloud: Cloud, bus: EventBridgeBus) -> None:
    with faults_on(cloud.clients.events) as script:
        refused = bus.publish(
            [of_size(BYTES_PER_CALL), of_size(300), of_size(BYTES_PER_CALL - 300)]
        )

        assert list(refused) == []
        assert len(script.calls) == 2


def test_nothing_but_large_events_costs_no_call(cloud: Cloud, bus: EventBridgeBus) -> None:
    with faults_on(cloud.clients.events) as script:
        assert list(bus.publish([of_size(BYTES_PER_CALL + 1)])) == [0]
        assert script.calls == []


def test_what_the_bus_has_taken_and_nothing_else_goes_to_fan_out(
    cloud: Cloud, bus: EventBridgeBus
) -> None:
    taken, refused = events(2)

    with faults_on(cloud.clients.events) as script:
        script.will(results(None, "ThrottlingException"))
        bus.publish([taken, refused])

    (body,) = bodies_in(cloud.commands_url)
    assert json.loads(body) == [
        {
            "source": taken.origin,
            "detail-type": taken.detail_type,
            "detail": taken.model_dump(mode="json"),
        }
    ]


def test_what_fan_out_has_not_surely_got_is_published_again(
    cloud: Cloud, bus: EventBridgeBus
) -> None:
    with faults_on(cloud.clients.sqs) as script:
        script.will(*[faults.connect_timeout] * 9)

        assert list(bus.publish(events(3))) == [0, 1, 2]

    assert list(bus.publish(events(3))) == []
    (body,) = bodies_in(cloud.commands_url)
    assert len(json.loads(body)) == 3
