"""Sign-ups are found in the envelopes in which AWS and producers deliver them, within bounds."""

import base64
import json
from collections.abc import Sequence

import pytest

from couponbus.usecases.issuing.envelopes import DEPTH_MAX, ENVELOPE_BYTES, PARTS_MAX
from couponbus.usecases.issuing.sign_up_messages import Arrivals, sort_messages
from couponbus.usecases.messages import Message
from tests.fakes.clock import NOON
from tests.unit.usecases.world import World

type Json = dict[str, object]


def sign_up(number: int = 1, **fields: object) -> Json:
    return {
        "signup_id": f"signup-{number}",
        "occurred_at": "2026-06-01T12:00:00Z",
        "customer": {"coniq_customer_id": 40 + number},
        **fields,
    }


def on_bus(detail: object) -> Json:
    return {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "CustomerSignedUp",
        "source": "shop.accounts",
        "account": "111122223333",
        "time": "2026-06-01T12:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
    }


def notified(message: object) -> Json:
    """Return what SNS sends to a queue without raw delivery."""
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:eu-west-1:111122223333:sign-ups",
        "Subject": "My First Message",
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2026-06-01T12:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLEw6JRN",
        "SigningCertURL": "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0.pem",
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
        "MessageAttributes": {"shop": {"Type": "String", "Value": "north"}},
    }


def queued(body: object) -> Json:
    """Return a record of a queue, as Lambda and EventBridge Pipes pass it on."""
    return {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1545082649183"},
        "messageAttributes": {},
        "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:111122223333:my-queue",
        "awsRegion": "eu-west-1",
    }


def of_topic(message: object) -> Json:
    """Return a record of a topic, as Lambda passes it on."""
    return {"EventVersion": "1.0", "EventSource": "aws:sns", "Sns": notified(message)}


def of_stream(data: object) -> Json:
    return {
        "kinesisSchemaVersion": "1.0",
        "partitionKey": "1",
        "data": encoded(data),
        "eventSource": "aws:kinesis",
    }


def encoded(content: object) -> str:
    return base64.b64encode(json.dumps(content).encode()).decode()


def sort(*bodies: str) -> Arrivals:
    return sort_messages(
        [Message(message_id=f"m-{index}", body=body) for index, body in enumerate(bodies)], now=NOON
    )


def ids_in(body: str) -> list[str]:
    arrivals = sort(body)
    assert (arrivals.commands, arrivals.invalid) == ([], [])
    return [one.event.signup_id for one in arrivals.sign_ups]


def texts(content: object, times: int) -> str:
    """Return JSON in a text of JSON, and so on."""
    text = json.dumps(content)
    for _ in range(times):
        text = json.dumps(text)
    return text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps(sign_up()), id="sent straight, or by SNS with raw delivery"),
        pytest.param(json.dumps(on_bus(sign_up())), id="of the bus"),
        pytest.param(json.dumps(on_bus(json.dumps(sign_up()))), id="of the bus, detail as text"),
        pytest.param("\ufeff" + json.dumps(sign_up()), id="with a byte order mark"),
        pytest.param(
            "\ufeff" + json.dumps(on_bus("\ufeff" + json.dumps(sign_up()))), id="two marks"
        ),
        pytest.param(json.dumps(notified(sign_up())), id="SNS"),
        pytest.param(json.dumps(notified(on_bus(sign_up()))), id="bus in SNS"),
        pytest.param(json.dumps(notified(on_bus(json.dumps(sign_up())))), id="text in bus in SNS"),
        pytest.param(json.dumps(notified(notified(sign_up()))), id="SNS in SNS"),
        pytest.param(json.dumps(notified("\ufeff" + json.dumps(sign_up()))), id="mark in SNS"),
        pytest.param(json.dumps([sign_up()]), id="list of one"),
        pytest.param(json.dumps([on_bus(sign_up())]), id="list of one event"),
        pytest.param(json.dumps([json.dumps(sign_up())]), id="list of one text"),
        pytest.param(json.dumps(notified([sign_up()])), id="list in SNS"),
        pytest.param(json.dumps([queued(sign_up())]), id="Pipes, from a queue"),
        pytest.param(json.dumps([queued(notified(on_bus(sign_up())))]), id="bus, SNS, queue, pipe"),
        pytest.param(json.dumps([of_stream(sign_up())]), id="Pipes, from a stream"),
        pytest.param(json.dumps({"Records": [queued(sign_up())]}), id="Lambda, from a queue"),
        pytest.param(json.dumps({"Records": [of_topic(sign_up())]}), id="Lambda, from a topic"),
        pytest.param(texts(sign_up(), 1), id="JSON in JSON"),
        pytest.param(texts(sign_up(), 2), id="JSON in JSON in JSON"),
        pytest.param(encoded(sign_up()), id="base64"),
        pytest.param(json.dumps(encoded(sign_up())), id="base64 in JSON"),
        pytest.param(json.dumps(notified(encoded(sign_up()))), id="base64 in SNS"),
        pytest.param(json.dumps(sign_up(Type="Notification", Message="{}")), id="looks like SNS"),
        pytest.param(
            json.dumps(sign_up(Records=[], body="{}", eventSource="aws:sqs")), id="record"
        ),
    ],
)
def test_the_sign_up_is_found_in_its_envelope(body: str) -> None:
    assert ids_in(body) == ["signup-1"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps([sign_up(1), sign_up(2), sign_up(3)]), id="list"),
        pytest.param(json.dumps([on_bus(sign_up(n)) for n in (1, 2, 3)]), id="list of events"),
        pytest.param(json.dumps([queued(sign_up(n)) for n in (1, 2, 3)]), id="Pipes, from a queue"),
        pytest.param(
            json.dumps([queued([sign_up(1), sign_up(2)]), sign_up(3)]), id="lists in lists"
        ),
        pytest.param(
            json.dumps({"Records": [of_topic(sign_up(n)) for n in (1, 2, 3)]}), id="Lambda"
        ),
    ],
)
def test_all_sign_ups_of_a_message_are_found(body: str) -> None:
    assert ids_in(body) == ["signup-1", "signup-2", "signup-3"]


def test_an_event_in_envelopes_is_matched_as_if_the_bus_had_brought_it() -> None:
    (only,) = sort(json.dumps(notified(on_bus(json.dumps(sign_up()))))).sign_ups

    assert only.envelope == on_bus(sign_up())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            json.dumps(
                {
                    "Service": "Amazon S3",
                    "Event": "s3:TestEvent",
                    "Time": "2026-06-01T12:00:00.000Z",
                    "Bucket": "amzn-s3-demo-bucket",
                    "RequestId": "5582815E1AEA5ADF",
                    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR",
                }
            ),
            "schema",
            id="S3 test",
        ),
        pytest.param(
            json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put"}]}),
            "schema",
            id="S3",
        ),
        pytest.param(
            json.dumps(
                {
                    "Type": "SubscriptionConfirmation",
                    "TopicArn": "arn:aws:sns:eu-west-1:111122223333:sign-ups",
                    "Token": "2336412f37",
                    "Message": "You have chosen to subscribe to the topic.",
                    "SubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Confirm",
                }
            ),
            "schema",
            id="SNS confirmation",
        ),
        pytest.param(json.dumps(notified("Hello")), "not_an_object", id="SNS, a greeting"),
        pytest.param(json.dumps(notified('{"signup_id": ')), "not_json", id="SNS, cut off"),
        pytest.param(json.dumps(notified({})), "schema", id="SNS, empty"),
        pytest.param(
            json.dumps(notified(on_bus([sign_up()]))), "not_an_object", id="detail a list"
        ),
        pytest.param(json.dumps(on_bus("{")), "not_an_object", id="detail cut off"),
        pytest.param('"{"', "not_json", id="text cut off"),
        pytest.param(encoded("a text"), "not_json", id="base64 of a text"),
        pytest.param(base64.b64encode(b"\xff{}").decode(), "not_json", id="base64 of bytes"),
        pytest.param(base64.b64encode(b"{cut").decode(), "not_json", id="base64, cut off"),
        pytest.param(
            "[" * DEPTH_MAX + "1" + "]" * DEPTH_MAX, "not_an_object", id="number in lists"
        ),
        pytest.param(texts(sign_up(), DEPTH_MAX + 2), "too_deep", id="too many texts"),
        pytest.param(json.dumps([sign_up()] * (PARTS_MAX + 1)), "too_many", id="too many"),
        pytest.param(json.dumps([sign_up()] * 2000), "too_many", id="far too many"),
        pytest.param(json.dumps([1] * 40_000), "too_many", id="too many of nothing"),
        pytest.param(
            json.dumps([sign_up(x="x" * ENVELOPE_BYTES)]), "too_large", id="list too large"
        ),
        pytest.param(json.dumps([sign_up(x="x" * 65_536)]), "too_large", id="item too large"),
        pytest.param(json.dumps([1, 2, {}, []]), "not_an_object", id="nothing usable"),
    ],
)
def test_what_is_no_sign_up_is_put_aside_once_with_its_reason(body: str, reason: str) -> None:
    arrivals = sort(body)

    assert (arrivals.sign_ups, arrivals.commands) == ([], [])
    (only,) = arrivals.invalid
    assert (only.reason, only.signup_id) == (reason, None)


def test_a_list_may_be_larger_than_one_sign_up() -> None:
    body = json.dumps([queued(sign_up(number, x="x" * 30_000)) for number in (1, 2, 3)])

    assert ids_in(body) == ["signup-1", "signup-2", "signup-3"]


def test_the_bad_ones_of_a_list_do_not_cost_the_good_ones() -> None:
    bad: Sequence[object] = [sign_up(2, customer=7), {}, 7, sign_up(3, customer=8)]

    arrivals = sort(json.dumps([sign_up(1), *bad, sign_up(4)]))

    assert [one.event.signup_id for one in arrivals.sign_ups] == ["signup-1", "signup-4"]
    assert {one.message_id for one in arrivals.invalid} == {"m-0"}
    named = [one.signup_id for one in arrivals.invalid]
    assert sorted(map(str, named)) == ["None", "signup-2", "signup-3"]


def test_each_sign_up_of_a_list_gets_its_barcode_or_its_rejection() -> None:
    world = World()
    body = json.dumps([sign_up(1), sign_up(2), sign_up(3, customer=7), sign_up(4, customer=7)])

    report = world.handle(Message(message_id="m", body=body))
    world.publish()

    assert report.failed == []
    assert sorted(one.signup_id for one in world.issuances) == ["signup-1", "signup-2"]
    assert sorted(world.published_types) == ["BarcodeIssued"] * 2 + ["SignUpRejected"] * 2


def test_a_message_of_several_comes_again_until_all_are_stored() -> None:
    body = json.dumps([sign_up(1), sign_up(2)])
    world, other = World(), World()
    other.handle(Message(message_id="m", body=json.dumps(sign_up(2))))
    world.ledger.unfit = {other.issuance.key}

    first = world.handle(Message(message_id="m", body=body))
    stored = [one.signup_id for one in world.issuances]
    world.ledger.unfit = set()
    second = world.handle(Message(message_id="m", body=body))

    assert (set(first.failed), stored) == ({"m"}, ["signup-1"])
    assert second.failed == []
    assert sorted(one.signup_id for one in world.issuances) == ["signup-1", "signup-2"]
    assert len(world.barcodes.made) == 2
