"""Deliveries are listed by the time of their events, and shown attempt by attempt."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from couponbus.domain.webhooks.delivery import Delivery, delivery_id_of
from couponbus.domain.webhooks.retry_schedule import message_id_of
from tests.fakes.clock import NOON
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.stage import FakeStage, Outcome
from tests.unit.cli.webhooks import (
    HOUR,
    SECOND,
    TOKEN,
    a_stage,
    an_endpoint,
    an_event,
    exhausted,
    failed,
    taken,
)
from tests.webhook_factories import delivery_of

SHOP, ERP = an_endpoint("shop"), an_endpoint("erp")
OLD = an_event(hours_ago=30, detail_type="BarcodeIssued")
MIDDLE = an_event(hours_ago=5.5, detail_type="WatchEnded")
NEW = an_event(hours_ago=0.5, detail_type="BarcodeIssued")
ISSUANCE = replace(issued(an_issuance()), customer_ref=str(NEW.customer_ref))
ALL = (
    taken(OLD, SHOP),
    failed(MIDDLE, SHOP),
    exhausted(MIDDLE, ERP),
    taken(NEW, SHOP),
)


def the_stage() -> FakeStage:
    return a_stage(SHOP, ERP, rows=(ISSUANCE, OLD, MIDDLE, NEW, *ALL))


def listed(*arguments: str) -> list[tuple[object, object]]:
    """Return the event and the endpoint of each listed delivery."""
    code, data = the_stage().run_json("deliveries", "list", *arguments)
    assert code == 0, data
    deliveries = data["deliveries"]
    assert isinstance(deliveries, list)
    return [(each["event_id"], each["endpoint_id"]) for each in deliveries]


def row_of(outcome: Outcome, delivery: Delivery) -> str:
    return next(line for line in outcome.out.splitlines() if delivery.delivery_id in line)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [(NEW, "shop"), (MIDDLE, "shop"), (MIDDLE, "erp")]),
        (("--since", "3d"), [(NEW, "shop"), (MIDDLE, "shop"), (MIDDLE, "erp"), (OLD, "shop")]),
        (("--since", "6h", "--until", "1h"), [(MIDDLE, "shop"), (MIDDLE, "erp")]),
        (("--since", "2026-06-01T11:30:00Z"), [(NEW, "shop")]),
        (("--until", "2026-06-01T11:30:00Z", "--since", "6h"), [(MIDDLE, "shop"), (MIDDLE, "erp")]),
        (("--endpoint", "erp"), [(MIDDLE, "erp")]),
        (("--type", "BarcodeIssued"), [(NEW, "shop")]),
        (("--state", "exhausted"), [(MIDDLE, "erp")]),
        (("--state", "PENDING"), [(MIDDLE, "shop")]),
        (("--event", OLD.event_id), [(OLD, "shop")]),
        (("--event", message_id_of(OLD.event_id)), [(OLD, "shop")]),
        (("--event", f"EVENT#{OLD.event_id}", "--type", "WatchEnded"), []),
        (("--signup", ISSUANCE.signup_id), [(NEW, "shop")]),
        (("--limit", "2"), [(NEW, "shop"), (MIDDLE, "shop")]),
        (("--tenant", "brand"), []),
    ],
)
def test_the_newest_come_first_and_only_those_that_are_asked_for(
    arguments: Sequence[str], expected: list[tuple[object, str]]
) -> None:
    named = [(getattr(event, "event_id", None), endpoint) for event, endpoint in expected]

    assert listed(*arguments) == named


def test_a_customer_is_found_by_what_why_finds() -> None:
    issuance = replace(issued(an_issuance()), customer_ref="cus_" + "A" * 26)
    theirs = replace(NEW, customer_ref=issuance.customer_ref)
    stage = a_stage(SHOP, rows=(OLD, theirs, taken(OLD, SHOP), taken(theirs, SHOP), issuance))

    by_sign_up = stage.run_json("deliveries", "list", "--customer", issuance.signup_id)[1]
    by_ref = stage.run_json("deliveries", "list", "--customer", issuance.customer_ref)[1]
    missing = stage.run("deliveries", "list", "--customer", "missing")

    assert by_sign_up == by_ref
    assert [each["event_id"] for each in _deliveries(by_ref)] == [theirs.event_id]
    assert (missing.code, "no customer is known by missing" in missing.err) == (1, True)


def _deliveries(data: dict[str, object]) -> list[dict[str, object]]:
    found = data["deliveries"]
    assert isinstance(found, list)
    return found


def test_the_table_shows_the_result_of_each_and_its_next_attempt() -> None:
    outcome = the_stage().run("deliveries", "list", "--limit", "3")

    assert outcome.code == 0
    assert "DELIVERED" in row_of(outcome, ALL[3])
    assert "answered 204" in row_of(outcome, ALL[3])
    assert "06-01 11:30:00" in row_of(outcome, ALL[3])
    assert "answered 500" in row_of(outcome, ALL[1])
    assert "the endpoint was" in row_of(outcome, ALL[2])
    assert "Only 3 are shown; there may be more." in outcome.out
    assert TOKEN not in outcome.out


def test_no_deliveries_are_no_failure() -> None:
    outcome = FakeStage().run("deliveries", "list")

    assert (outcome.code, "There are no such deliveries" in outcome.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--endpoint", "missing"), 1, "there is no endpoint missing"),
        (("--type", "CodeRedeemed"), 1, "there is no event CodeRedeemed; there are Barcode"),
        (("--event", "7"), 1, "--event: write the id of an event"),
        (("--event", "f" * 32), 1, "is stored: events are kept for 90 days"),
        (("--since", "yesterday"), 2, "--since: write how long ago"),
        (("--until", "2026-06-01T12:00:00"), 2, "a moment with its zone"),
    ],
)
def test_what_is_unknown_is_named(arguments: Sequence[str], code: int, said: str) -> None:
    outcome = the_stage().run("deliveries", "list", *arguments)

    assert (outcome.code, said in " ".join(outcome.err.split())) == (code, True)


def test_a_delivery_is_shown_attempt_by_attempt() -> None:
    delivery = failed(NEW, SHOP)
    stage = a_stage(SHOP, rows=(NEW, delivery))

    outcome = stage.run("deliveries", "show", delivery.delivery_id)
    code, data = stage.run_json("deliveries", "show", f"DELIVERY#{delivery.delivery_id}")

    [shown] = _deliveries(data)
    assert (outcome.code, code) == (0, 0)
    assert "PENDING, attempt 1; to shop" in outcome.out
    assert "2026-06-01 11:30:00 UTC  BarcodeIssued was queued for shop." in outcome.out
    assert "The endpoint did not accept it (round 1, attempt 1): answered 500." in outcome.out
    assert f"webhook-id {message_id_of(NEW.event_id)}" in outcome.out
    assert f"Its body has {len(NEW.body)} bytes" in outcome.out
    assert "Next: attempt 2 of 10, as soon as a worker has it." in outcome.out
    assert shown["webhook_id"] == message_id_of(NEW.event_id)
    assert shown["trail"] == [
        {"at": "2026-06-01T11:30:00+00:00", "text": "BarcodeIssued was queued for shop."},
        {
            "at": "2026-06-01T11:30:01+00:00",
            "text": "The endpoint did not accept it (round 1, attempt 1): answered 500.",
        },
    ]


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (delivery_of(NEW, SHOP), "attempt 1 of 10, as soon as a worker has it."),
        (
            delivery_of(NEW, SHOP).put_off(until=NOON + HOUR),
            "attempt 1 of 10, 2026-06-01 13:00:00 UTC (in 60 min).",
        ),
        (
            delivery_of(NEW, SHOP).claimed(
                now=NOON, until=NOON + 30 * SECOND, sweep_at=NOON + HOUR
            ),
            "attempt 1 of 10 is under way.",
        ),
        (taken(NEW, SHOP), "nothing; it is done."),
        (exhausted(NEW, SHOP), "nothing, unless an operator has it sent again: couponbus deliver"),
    ],
)
def test_what_comes_next_is_said(delivery: Delivery, said: str) -> None:
    stage = a_stage(SHOP, rows=(NEW, delivery))

    assert f"Next: {said}" in stage.run("deliveries", "show", delivery.delivery_id).out


def test_a_round_that_was_begun_by_a_replay_is_shown_as_one() -> None:
    again = exhausted(NEW, SHOP).replayed(replay_id="replay-1", now=NOON, at=NOON)
    stage = a_stage(SHOP, rows=(NEW, again))

    outcome = stage.run("deliveries", "show", again.delivery_id)
    table = stage.run("deliveries", "list")

    assert "PENDING, round 2, attempt 0; to shop" in outcome.out
    assert "It was given up (round 1, attempt 1): the endpoint was disabled" in outcome.out
    assert "It was queued again, by the replay replay-1." in outcome.out
    assert "Last sent again by the replay replay-1." in outcome.out
    assert "no attempt yet" in row_of(table, again)


def test_an_event_is_shown_with_all_its_deliveries_by_the_id_that_a_receiver_has() -> None:
    outcome = the_stage().run("deliveries", "show", message_id_of(MIDDLE.event_id))

    assert outcome.code == 0
    assert f"Event {MIDDLE.event_id}: WatchEnded" in outcome.out
    assert "shop: PENDING, attempt 1, answered 500; next: attempt 2 of 10" in outcome.out
    assert "erp: EXHAUSTED, attempt 1, the endpoint was disabled (endpoint_disabled)" in outcome.out
    assert f"Delivery {delivery_id_of(endpoint_id='erp', event_id=MIDDLE.event_id)}" in outcome.out


def test_the_body_is_shown_if_it_is_asked_for() -> None:
    with_body = the_stage().run("deliveries", "show", NEW.event_id, "--body")
    _, data = the_stage().run_json("deliveries", "show", NEW.event_id, "--body")

    body = data["body"]
    assert f'"customer_ref": "{NEW.customer_ref}"' in with_body.out
    assert isinstance(body, dict)
    assert body["type"] == "BarcodeIssued"
    assert str(NEW.customer_ref) not in the_stage().run("deliveries", "show", NEW.event_id).out


def test_an_event_to_which_no_endpoint_subscribes_says_so() -> None:
    outcome = a_stage(SHOP, rows=(NEW,)).run("deliveries", "show", NEW.event_id)

    assert (outcome.code, "Webhooks: no endpoint subscribes to it." in outcome.out) == (0, True)


def test_a_delivery_outlives_its_event() -> None:
    delivery = taken(NEW, SHOP)
    stage = a_stage(SHOP, rows=(delivery,))

    assert "Its event is not kept any more." in (
        stage.run("deliveries", "show", delivery.delivery_id, "--body").out
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("A" * 26, f"there is no delivery {'A' * 26}"),
        (NEW.event_id, "is stored: events are kept for 90 days"),
        ("msg_" + "z" * 22, "is not the id of a delivery or an event, and not a webhook-id"),
        ("shop", "shop is not the id of a delivery or an event, and not a webhook-id"),
    ],
)
def test_what_is_not_there_is_said(query: str, said: str) -> None:
    outcome = FakeStage().run("deliveries", "show", query)

    assert (outcome.code, said in outcome.err) == (1, True)
