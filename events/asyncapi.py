"""The AsyncAPI 3.0 document: which messages travel on which channel, for other tools."""

from collections.abc import Mapping, Sequence

from events.asyncapi_headers import traits
from events.asyncapi_messages import SIGN_UPS, Node, message, name_of, sign_ups_message
from events.contracts import Contract
from events.example_facts import Example

# The queues to which others may send, and the message that each takes.
QUEUES: Mapping[str, str] = {"signups": "CustomerSignedUp", "polls": "WatchCustomers"}
STAGE: Node = {"description": "Which installation, such as local or prod."}
POST: Node = {"http": {"method": "POST", "bindingVersion": "0.3.0"}}


def document(
    found: Sequence[Contract], examples: Mapping[str, Example], *, version: str
) -> Mapping[str, object]:
    """Return the document; payloads are references to the schema files beside it."""
    shown = [each for each in found if _is_for_others(each)]
    names = {
        direction: [name_of(each) for each in shown if each.direction == direction]
        for direction in ("published", "received", "webhook")
    }
    messages = {name_of(each): message(each, example=examples[each.file]) for each in shown}
    messages[SIGN_UPS] = next(
        sign_ups_message(each, example=examples[each.file])
        for each in shown
        if each.name == QUEUES["signups"]
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "couponbus",
            "version": version,
            "description": (
                "Events on the bus, and the same events as webhooks. Ignore fields that you do"
                " not know: a version may get more of them."
            ),
        },
        "defaultContentType": "application/json",
        "channels": _channels(names),
        "operations": _operations(names),
        "components": {"messages": messages, "messageTraits": traits()},
    }


def _is_for_others(contract: Contract) -> bool:
    """Leave out the commands between our own functions."""
    return contract.direction != "command" or contract.name in QUEUES.values()


def _channels(names: Mapping[str, Sequence[str]]) -> Node:
    bus: Node = {
        "address": "couponbus-{stage}",
        "title": "The bus",
        "description": (
            "A bus of EventBridge. A payload is the `detail` of its envelope; the headers here"
            " are fields of the envelope, on which rules match."
        ),
        "parameters": {"stage": STAGE},
        "messages": _messages([*names["published"], *names["received"]]),
    }
    webhooks: Node = {
        "address": None,
        "title": "Your endpoint",
        "description": "The URL that an operator entered for you; https only.",
        "messages": _messages(names["webhook"]),
    }
    sign_ups: Node = {
        "address": "/sign-ups",
        "title": "Sign-ups over HTTP",
        "description": "A path of our HTTP API. The answer 202 means that all were queued.",
        "messages": _messages([SIGN_UPS]),
    }
    queues = {queue: _queue(queue, name) for queue, name in QUEUES.items()}
    return {"bus": bus, "webhooks": webhooks, "httpSignUps": sign_ups, **queues}


def _queue(queue: str, name: str) -> Node:
    return {
        "address": f"couponbus-{{stage}}-{queue}",
        "title": f"The queue {queue}",
        "description": "A queue of SQS; each message is one body.",
        "parameters": {"stage": STAGE},
        "messages": _messages([name]),
    }


def _operations(names: Mapping[str, Sequence[str]]) -> Node:
    published, received, webhooks = (names[each] for each in ("published", "received", "webhook"))
    publish = _operation("send", "bus", published, summary="Publish what was decided or seen.")
    receive = _operation(
        "receive", "bus", received, summary="Receive what producers put on the bus."
    )
    deliver = _operation(
        "send",
        "webhooks",
        webhooks,
        summary="Send each event to each endpoint whose pattern matches.",
    )
    accept = _operation("receive", "httpSignUps", [SIGN_UPS], summary="Receive signed sign-ups.")
    queues = {
        f"receive{name}": _operation("receive", queue, [name], summary=f"Receive {name} directly.")
        for queue, name in QUEUES.items()
    }
    return {
        "publishEvents": publish,
        "receiveEvents": receive,
        "deliverWebhooks": {**deliver, "bindings": POST},
        "acceptSignUps": {**accept, "bindings": POST},
        **queues,
    }


def _operation(action: str, channel: str, names: Sequence[str], *, summary: str) -> Node:
    place = f"#/channels/{channel}"
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{name}"} for name in names],
    }


def _messages(names: Sequence[str]) -> Node:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}
