"""The same sign-ups for both designs, as the queue delivers them, and Lambda's context."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

type SqsEvent = Mapping[str, Sequence[Mapping[str, object]]]

BATCH = 200
OFFER_ID = 101
SOURCES = ("shop.example", "shop.watched", "shop.doubled")  # by the watches of a program


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Lambda's context object, as far as either design reads it."""

    aws_request_id: str = "request-1"
    milliseconds: int = 60_000
    function_name: str = "issue_barcodes"
    function_version: str = "1"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:issue_barcodes:live"

    def get_remaining_time_in_millis(self) -> int:
        """Return the same, at any time."""
        return self.milliseconds


def batch(*, first: int, size: int = BATCH, watches: int = 0) -> SqsEvent:
    """Return a batch; the same number gives the same sign-ups."""
    numbers = range(first, first + size)
    return {"Records": [record(number, watches=watches) for number in numbers]}


def record(number: int, *, watches: int = 0) -> dict[str, object]:
    """Return one message with everything that the event source mapping adds."""
    return {
        "messageId": f"059f36b4-87a3-44ab-83d2-{number:012}",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": json.dumps(event(number, watches=watches)),
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1769860800000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1769860800001",
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:sign-ups",
        "awsRegion": "eu-west-1",
    }


def event(number: int, *, watches: int = 0) -> dict[str, object]:
    """Return a sign-up of ordinary size, for a program of so many watches, as the bus sends it."""
    return {
        "version": "0",
        "id": f"6a7e8feb-b491-4cf7-a9f1-{number:012}",
        "detail-type": "CustomerSignedUp",
        "source": SOURCES[watches],
        "account": "123456789012",
        "time": "2026-01-31T12:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": {
            "signup_id": f"signup-{number:08}",
            "occurred_at": "2026-01-31T12:00:00Z",
            "tenant": "default",
            "customer": {
                "coniq_customer_id": 4000 + number,
                "email": f"customer-{number}@customer.example",
                **({"uniqodo_user_id": user(number)} if watches else {}),
                "birth_date": "1990-05-17",
            },
            "consents": ["marketing"],
            "attributes": {"country": "GB", "tier": "gold", "basket": 59.9},
        },
    }


def user(number: int) -> str:
    """Return the id of a customer at the provider that is polled."""
    return f"customer-{number}@customer.example"
