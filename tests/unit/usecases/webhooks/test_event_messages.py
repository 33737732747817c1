"""An event message is parsed, or rejected with a reason that shows nothing of it."""

import json
from typing import Any

import pytest

from couponbus.usecases.messages import Message
from couponbus.usecases.webhooks.event_messages import sort_notifications
from tests import factories
from tests.fakes.clock import ManualClock
from tests.unit.usecases.webhooks.webhook_world import notification

CANARY = "canary-7421@customer.example"


def envelope() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(notification(factories.any_event(seed=1)).body)
    return content


def sort(body: object) -> tuple[list[str], list[tuple[str, tuple[str, ...]]]]:
    """Return the bodies of the events in a message, and what is wrong with it."""
    text = body if isinstance(body, str) else json.dumps(body)
    found = sort_notifications([Message(message_id="m", body=text)], clock=ManualClock())
    return (
        [one.event.body for one in found.notified],
        [(one.reason, one.fields) for one in found.invalid],
    )


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (("source",), "shop.orders", "source"),
        (("source",), "couponbus.", "source"),
        (("source",), None, "source"),
        (("detail-type",), "", "detail-type"),
        (("detail",), CANARY, "detail"),
        (("detail", "data"), [CANARY], "detail.data"),
        (("detail", "metadata", "id"), CANARY, "detail.metadata.id"),
        (
            ("detail", "metadata", "id"),
            "6A7E8FEB-B491-4CF7-A9F1-BF3703467718",
            "detail.metadata.id",
        ),
        (("detail", "metadata", "occurred_at"), 1_780_315_200, "detail.metadata.occurred_at"),
        (("detail", "metadata", "occurred_at"), "2026-06-01", "detail.metadata.occurred_at"),
        (("detail", "metadata", "tenant"), "x" * 129, "detail.metadata.tenant"),
    ],
)
def test_what_is_no_event_of_ours_is_named_by_the_place_of_its_fault(
    place: tuple[str, ...], value: object, field: str
) -> None:
    content = envelope()
    inner = content
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value

    assert sort(content) == ([], [("schema", (field,))])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{", "not_json"),
        (json.dumps({"detail": "x" * 70_000}), "too_large"),
        ('{"source": "a", "source": "b"}', "duplicate_key"),
        ('{"detail": NaN}', "not_a_finite_number"),
        ("[" * 50 + "]" * 50, "too_deep"),
    ],
)
def test_what_is_hardly_json_has_a_reason_of_its_own(body: str, reason: str) -> None:
    assert sort(body) == ([], [(reason, ())])


@pytest.mark.parametrize("body", ["7", "[]", "null", '"text"', "{}"])
def test_what_is_json_and_no_event_is_set_apart(body: str) -> None:
    events, wrong = sort(body)

    assert events == []
    assert [reason for reason, _ in wrong] == ["schema"]


@pytest.mark.parametrize("part", ['"reason"', '"schema"'])
def test_half_a_character_cannot_be_sent_and_is_set_apart(part: str) -> None:
    body = json.dumps(envelope()).replace(part, f'"{CANARY}\\ud83d"')

    assert sort(body) == ([], [("not_unicode", ("detail",))])


def test_an_event_of_a_newer_version_is_passed_on() -> None:
    content = envelope()
    content["detail"]["metadata"]["trace"] = "t-1"
    content["detail"]["data"]["colour"] = {"name": "grün", "codes": [1, 2.5, None]}

    (body,), _ = sort(content)

    expected = json.loads(body)
    assert expected["metadata"]["trace"] == "t-1"
    assert expected["data"] == content["detail"]["data"]
    assert "grün" in body


def test_a_time_is_passed_on_as_it_was_published() -> None:
    content = envelope()
    content["detail"]["metadata"]["occurred_at"] = "2026-06-01T14:00:00.50+02:00"

    (body,), _ = sort(content)

    assert json.loads(body)["timestamp"] == "2026-06-01T14:00:00.50+02:00"
    assert json.loads(body)["metadata"]["occurred_at"] == "2026-06-01T14:00:00.50+02:00"


@pytest.mark.parametrize("odd", [7, None, "", "x" * 129, ["signup-1"], "a\nb"])
def test_only_a_name_finds_an_event_by_its_customer(odd: object) -> None:
    content = envelope()
    content["detail"]["data"] |= {"customer_ref": odd}

    message = Message(message_id="m", body=json.dumps(content))
    (found,) = sort_notifications([message], clock=ManualClock()).notified

    assert found.event.customer_ref is None
    assert found.event.data["customer_ref"] == odd
