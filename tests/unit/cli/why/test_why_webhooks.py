"""`couponbus why` and `status` show webhooks: events, their endpoints, and failing endpoints."""

from dataclasses import replace

import pytest

from couponbus.domain.webhooks.history_page import pages_of
from couponbus.domain.webhooks.retry_schedule import message_id_of
from tests.fakes.clock import NOON
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.watches import a_starting_watch
from tests.unit.cli.webhooks import (
    HOUR,
    TOKEN,
    a_stage,
    an_endpoint,
    an_event,
    disabled,
    exhausted,
    failed,
    taken,
)
from tests.webhook_factories import delivery_of

SHOP, ERP = an_endpoint("shop"), an_endpoint("erp")
ISSUANCE = issued(an_issuance())
PUBLISHED = an_event(hours_ago=0.5, of=ISSUANCE)
DELIVERIES = (taken(PUBLISHED, SHOP), failed(PUBLISHED, ERP, reason="not_connected"))


def the_stage() -> FakeStage:
    return a_stage(SHOP, ERP, rows=(ISSUANCE, PUBLISHED, *DELIVERIES))


@pytest.mark.parametrize("query", ["sign-up", "tracking code", "webhook-id", "delivery", "event"])
def test_an_event_is_shown_once_with_a_line_for_each_endpoint(query: str) -> None:
    at_hand = {
        "sign-up": ISSUANCE.signup_id,
        "tracking code": ISSUANCE.tracking_code,
        "webhook-id": message_id_of(PUBLISHED.event_id),
        "delivery": DELIVERIES[0].delivery_id,
        "event": PUBLISHED.event_id,
    }

    outcome = the_stage().run("why", at_hand[query])

    assert outcome.code == 0
    assert outcome.out.count(f"Event {PUBLISHED.event_id}: BarcodeIssued") == 1
    assert "2026-06-01 11:30:00 UTC  It was published, on the bus and to endpoints." in outcome.out
    assert "shop: DELIVERED, attempt 1, answered 204 (delivery " in outcome.out
    assert "erp: PENDING, attempt 1, the connection was refused (not_connected); next:" in (
        outcome.out
    )
    assert "Next: 1 endpoint is tried again." in outcome.out
    assert ("Issuance " in outcome.out) == (query in ("sign-up", "tracking code"))


def test_a_program_gets_the_worst_state_of_the_deliveries() -> None:
    code, data = the_stage().run_json("why", ISSUANCE.signup_id)

    rows = data["rows"]
    assert isinstance(rows, list)
    states = [each["state"] for each in rows if each["key"].startswith("EVENT#")]
    assert (code, states) == (0, ["PENDING"])


def test_what_was_given_up_names_the_command_that_sends_it_again() -> None:
    stage = a_stage(SHOP, rows=(ISSUANCE, PUBLISHED, exhausted(PUBLISHED, SHOP)))

    outcome = stage.run("why", ISSUANCE.signup_id)

    assert f"couponbus deliveries retry --event {PUBLISHED.event_id} --undelivered" in outcome.out


def test_an_event_without_endpoints_is_done() -> None:
    outcome = a_stage(rows=(PUBLISHED,)).run("why", PUBLISHED.event_id)

    assert outcome.code == 0
    assert "Webhooks: no endpoint subscribes to it." in outcome.out
    assert "Next: nothing; it is done." in outcome.out


@pytest.mark.parametrize("command", [("why",), ("deliveries", "show")])
def test_an_event_that_no_endpoint_wanted_is_found_by_its_id(command: tuple[str, ...]) -> None:
    events = [an_event(hours_ago=0.5) for _ in range(3)]
    stage = a_stage(SHOP, rows=tuple(pages_of(events)))

    shown = stage.run(*command, events[1].event_id)
    unknown = stage.run(*command, an_event().event_id)

    assert (shown.code, unknown.code) == (0, 1)
    assert f"Event {events[1].event_id}: BarcodeIssued" in shown.out
    assert "Webhooks: no endpoint subscribes to it." in shown.out


def test_a_delivery_whose_event_is_gone_is_shown_by_itself() -> None:
    outcome = a_stage(SHOP, rows=(DELIVERIES[0],)).run("why", DELIVERIES[0].key)

    assert f"Delivery {DELIVERIES[0].delivery_id}: DELIVERED" in outcome.out
    assert "Its event is not kept any more." in outcome.out


def test_a_watch_comes_with_the_events_about_it_and_no_others() -> None:
    watch = replace(a_starting_watch(), outcomes=1)
    of_watch = an_event(detail_type="WatchEnded", of=watch)
    other = an_event(detail_type="WatchEnded", of=replace(watch, watch_id="OTHER"))
    stage = a_stage(SHOP, rows=(watch, of_watch, other))

    outcome = stage.run("why", watch.watch_id)

    assert outcome.code == 0
    assert of_watch.event_id in outcome.out
    assert other.event_id not in outcome.out


def test_status_counts_deliveries_and_is_calm_while_endpoints_are_well() -> None:
    held = delivery_of(PUBLISHED, SHOP).put_off(until=NOON + HOUR)
    removed = an_endpoint("removed").removed(now=NOON)
    stage = a_stage(SHOP, rows=(PUBLISHED, held, removed))

    outcome = stage.run("status")
    code, data = stage.run_json("status", "--counts")

    counts = data["counts"]
    assert (outcome.code, code) == (0, 0)
    assert isinstance(counts, dict)
    assert counts["DELIVERY"] == {"PENDING": 1}
    assert counts["ENDPOINT"] == {"ACTIVE": 1, "REMOVED": 1}
    assert "DIRECTORY" not in counts
    assert data["endpoints"] == [
        {
            "endpoint_id": "shop",
            "tenant": "default",
            "state": "ACTIVE",
            "reason": None,
            "failing_since": None,
        }
    ]
    assert TOKEN not in outcome.out


def test_an_endpoint_that_is_disabled_or_fails_for_long_needs_a_person() -> None:
    slow = replace(an_endpoint("slow"), failing_since=NOON - 20 * HOUR)
    new = replace(an_endpoint("new"), failing_since=NOON - HOUR)
    resting = replace(slow.paused(now=NOON), endpoint_id="resting")
    stage = a_stage(disabled(SHOP), slow, new, resting)

    outcome = stage.run("status")
    code, data = stage.run_json("status")

    assert (outcome.code, code) == (1, 1)
    needs = data["attention"]
    assert needs == [
        "the endpoint shop is DISABLED (gone) since 2026-06-01 10:00:00 UTC: couponbus endpoints"
        " resume shop when it works again, or remove shop",
        "the endpoint slow has failed for 20 h: its owner must repair it, or it is disabled"
        " 2026-06-05 16:00:00 UTC (in 4 d); see couponbus deliveries list --endpoint slow",
    ]
    assert "for 60 min" in outcome.out
