"""A batch of SQS messages as Lambda delivers it, and the answer that brings some of them again."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from couponbus.usecases.intake import Message


class SqsRecord(TypedDict):
    """The part of a message that is read."""

    messageId: str
    body: str


class SqsEvent(TypedDict):
    """A batch of messages."""

    Records: Sequence[SqsRecord]


class ItemFailure(TypedDict):
    """A message that must come again."""

    itemIdentifier: str


def messages_of(event: SqsEvent) -> list[Message]:
    """Return the messages in the words of the use cases."""
    return [
        Message(message_id=record["messageId"], body=record["body"]) for record in event["Records"]
    ]


def failures_of(message_ids: Iterable[str]) -> dict[str, list[ItemFailure]]:
    """Return Lambda's answer; a message that failed for several reasons is named once."""
    return {"batchItemFailures": [{"itemIdentifier": one} for one in dict.fromkeys(message_ids)]}
