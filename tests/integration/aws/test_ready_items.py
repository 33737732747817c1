"""Items that come out of an answer unchanged are the same as botocore would make them."""

import json
from collections.abc import Mapping

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from couponbus.aws.clients import bypass_list_parser, configuration

PLACE = {"pk": {"S": "KEY#2"}, "sk": {"S": "ROW"}}
ITEMS = [
    {"pk": {"S": "KEY#1"}, "n": {"N": "12.5"}, "text": {"S": "zwölf ✓"}, "none": {"NULL": True}},
    {"pk": {"S": "KEY#2"}, "m": {"M": {"B": {"L": [{"S": "x"}, {"BOOL": False}]}}}, "e": {"M": {}}},
    {"pk": {"S": '{"B'}, "names": {"SS": ["a", "b"]}, "numbers": {"NS": ["1", "2"]}},
]
PAGE = {"Items": ITEMS, "Count": 3, "ScannedCount": 4, "LastEvaluatedKey": PLACE}
WRITTEN = {
    "Responses": [
        {"TableName": "ledger"},
        {"TableName": "ledger", "Error": {"Code": "DuplicateItem", "Message": "it stands"}},
        {"Error": {"Code": "ConditionalCheckFailed", "Item": PLACE}},
    ]
}
TAKEN = {
    "FailedEntryCount": 1,
    "Entries": [{"EventId": "1"}, {"ErrorCode": "InternalFailure", "ErrorMessage": "later"}],
}
BINARY = {"Items": [{"pk": {"S": "KEY#3"}, "body": {"B": "eA=="}, "all": {"BS": ["eA==", "eQ=="]}}]}


class Answered:
    """A client whose queries get one answer."""

    def __init__(self, body: bytes, *, status: int = 200, service: str = "dynamodb") -> None:
        self.client = boto3.Session(
            region_name="eu-west-1",
            aws_access_key_id="test-key-not-real",
            aws_secret_access_key="test-secret-not-real",
        ).client(service, config=configuration())  # type: ignore[call-overload]
        self._body, self._status = body, status
        self.client.meta.events.register("before-send", self._answer)

    def query(self) -> Mapping[str, object]:
        return self.answer("query", TableName="ledger")

    def answer(self, operation: str, **parameters: object) -> Mapping[str, object]:
        answer = getattr(self.client, operation)(**parameters)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def stream(self) -> list[bytes]:
        return [self._body]

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return AWSResponse(request.url, self._status, HTTPHeaders(), self)


def both(content: object, separators: tuple[str, str]) -> list[Mapping[str, object]]:
    """Return the answer as botocore parses it, and without its parser for items."""
    body = json.dumps(content, separators=separators).encode()
    usual, bypassed = Answered(body), Answered(body)
    bypass_list_parser(bypassed.client)
    return [usual.query(), bypassed.query()]


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
@pytest.mark.parametrize("content", [PAGE, BINARY, {"Items": []}, {"Count": 7}])
def test_an_answer_is_the_same(content: object, separators: tuple[str, str]) -> None:
    usual, bypassed = both(content, separators)

    assert bypassed == usual


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "content"),
    [
        ("dynamodb", "batch_execute_statement", {"Statements": []}, WRITTEN),
        ("dynamodb", "batch_execute_statement", {"Statements": []}, {}),
        ("events", "put_events", {"Entries": []}, TAKEN),
    ],
)
def test_an_answer_to_many_entries_is_the_same(
    service: str, operation: str, parameters: Mapping[str, object], content: object
) -> None:
    body = json.dumps(content).encode()
    usual, bypassed = (Answered(body, service=service) for _ in range(2))
    bypass_list_parser(bypassed.client)

    assert bypassed.answer(operation, **parameters) == usual.answer(operation, **parameters)


def test_a_refusal_stays_botocores() -> None:
    answered = Answered(b'{"__type":"ThrottlingException","message":"slow down"}', status=400)
    bypass_list_parser(answered.client)

    with pytest.raises(ClientError, match="ThrottlingException"):
        answered.query()


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'"text"', b"{"])
def test_what_is_no_answer_is_botocores_to_judge(body: bytes) -> None:
    outcomes = []
    for bypasses in (False, True):
        answered = Answered(body)
        if bypasses:
            bypass_list_parser(answered.client)
        try:
            outcomes.append(repr(answered.query()))
        except (ResponseParserError, AttributeError, TypeError) as error:
            outcomes.append(type(error).__name__)

    assert outcomes[0] == outcomes[1]
