"""Attempt messages are parsed, or rejected with a reason."""

import json

import pytest

from couponbus.events.commands import DELIVERIES_PER_COMMAND, AttemptDeliveries
from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks.attempt_messages import sort_attempts

GOOD = AttemptDeliveries(attempt="first", endpoint_id="shop", keys=("DELIVERY#B", "DELIVERY#A"))


def message(content: object, message_id: str = "m") -> Message:
    body = content.model_dump_json() if isinstance(content, AttemptDeliveries) else content
    return Message(message_id=message_id, body=body if isinstance(body, str) else json.dumps(body))


def test_each_key_is_tried_once_in_the_same_order() -> None:
    again = GOOD.model_copy(update={"attempt": "again", "keys": ("DELIVERY#C", "DELIVERY#A")})

    attempts = sort_attempts([message(GOOD), message(again), message(GOOD)])

    assert attempts.keys == ["DELIVERY#A", "DELIVERY#B", "DELIVERY#C"]
    assert attempts.invalid == []


def test_only_what_was_not_requested_again_waits_for_a_failing_endpoint() -> None:
    again = GOOD.model_copy(update={"attempt": "again", "keys": ("DELIVERY#A",)})

    attempts = sort_attempts([message(GOOD), message(again)])

    assert [attempts.waits_for_failing(key) for key in attempts.keys] == [False, True]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not_json"),
        ("[]", "not_a_command"),
        ({"type": "ContinueWork", "keys": ["DELIVERY#A"]}, "not_a_command"),
        ({**GOOD.model_dump(mode="json"), "attempt": "third"}, "not_a_command"),
        ({**GOOD.model_dump(mode="json"), "keys": []}, "not_a_command"),
        ({**GOOD.model_dump(mode="json"), "keys": ["delivery"]}, "not_a_command"),
        (
            {**GOOD.model_dump(mode="json"), "keys": ["DELIVERY#A"] * (DELIVERIES_PER_COMMAND + 1)},
            "not_a_command",
        ),
    ],
)
def test_what_asks_for_nothing_is_set_apart_and_the_rest_is_tried(
    body: object, reason: str
) -> None:
    attempts = sort_attempts([message(body, "bad"), message(GOOD)])

    assert [(one.message_id, one.reason) for one in attempts.invalid] == [("bad", reason)]
    assert len(attempts.keys) == 2
