"""Lists that go into a request unchanged give the same request as botocore's own."""

import json

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from couponbus.aws.clients import bypass_list_serialiser, configuration

PUTS = [
    {
        "Put": {
            "TableName": "ledger",
            "Item": {"pk": {"S": f"KEY#{number}"}, "note": {"S": "zwölf ✓"}, "n": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }
    for number in range(3)
]
ENTRIES = [{"Source": "couponbus", "DetailType": "AnyEvent", "Detail": "{}", "Time": 1_770_000_000}]


class Empty:
    def stream(self) -> list[bytes]:
        return [b"{}"]


class Sent:
    """The body of each request that a client makes; each gets an empty answer."""

    def __init__(self, service: str) -> None:
        self.bodies: list[dict[str, object]] = []
        self.client = boto3.Session(
            region_name="eu-west-1",
            aws_access_key_id="test-key-not-real",
            aws_secret_access_key="test-secret-not-real",
        ).client(service, config=configuration())  # type: ignore[call-overload]
        self.client.meta.events.register("before-send", self._note)

    def _note(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        assert isinstance(request.body, bytes)
        self.bodies.append(json.loads(request.body))
        return AWSResponse(request.url, 200, HTTPHeaders(), Empty())


def sent_ready(service: str) -> Sent:
    sent = Sent(service)
    bypass_list_serialiser(sent.client)
    return sent


def test_a_transaction_is_the_same_request() -> None:
    plain, ready = Sent("dynamodb"), sent_ready("dynamodb")

    for sent in (plain, ready):
        sent.client.transact_write_items(TransactItems=PUTS, ClientRequestToken="token-1")

    assert ready.bodies == plain.bodies
    assert ready.bodies == [{"TransactItems": PUTS, "ClientRequestToken": "token-1"}]


def test_a_transaction_keeps_the_token_that_makes_its_repetition_harmless() -> None:
    ready = sent_ready("dynamodb")

    ready.client.transact_write_items(TransactItems=PUTS)

    assert len(str(ready.bodies[0]["ClientRequestToken"])) == 36


def test_statements_are_the_same_request() -> None:
    plain, ready = Sent("dynamodb"), sent_ready("dynamodb")
    text = 'UPDATE "ledger" SET "note"=? WHERE "pk"=? AND "sk"=? AND "revision"=?'
    statements = [{"Statement": text, "Parameters": [{"S": "zwölf ✓"}, {"N": "1"}]}] * 3

    for sent in (plain, ready):
        sent.client.batch_execute_statement(Statements=statements)

    assert ready.bodies == plain.bodies == [{"Statements": statements}]


def test_events_are_the_same_request() -> None:
    plain, ready = Sent("events"), sent_ready("events")

    for sent in (plain, ready):
        sent.client.put_events(Entries=ENTRIES)

    assert ready.bodies == plain.bodies == [{"Entries": ENTRIES}]


def test_an_item_is_the_same_request() -> None:
    plain, ready = Sent("dynamodb"), sent_ready("dynamodb")

    for sent in (plain, ready):
        sent.client.put_item(**PUTS[0]["Put"])

    assert ready.bodies == plain.bodies == [PUTS[0]["Put"]]


def test_other_operations_are_left_alone() -> None:
    ready = sent_ready("dynamodb")

    ready.client.get_item(TableName="ledger", Key={"pk": {"S": "KEY#1"}})

    assert ready.bodies == [{"TableName": "ledger", "Key": {"pk": {"S": "KEY#1"}}}]
