"""Queue events, and the results of handlers on rows that a newer version has written."""

from couponbus.runtime.queue_batches import ItemFailure, SqsEvent
from couponbus.usecases.messages import Message
from tests.functions.invocation import Output


def event_of(*messages: Message) -> SqsEvent:
    return {"Records": [{"messageId": one.message_id, "body": one.body} for one in messages]}


def failed(answer: dict[str, list[ItemFailure]]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def named(output: Output) -> set[str]:
    """Return the keys that are logged as broken."""
    lines = [line for line in output.read().logs if line["message"] == "rows broken"]
    found: set[str] = set()
    for line in lines:
        keys = line["keys"]
        assert isinstance(keys, list)
        found |= set(keys)
    return found
