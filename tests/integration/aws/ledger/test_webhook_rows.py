"""How endpoints, events, deliveries and replays are stored in the table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from couponbus.aws.ledger.codec import decode, encode
from couponbus.aws.ledger.history_index import PLACE_KEY, SHARD_KEY, shards_of_day
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.ledger.retention import AUDITED, DELIVERED, PUBLISHED
from couponbus.aws.webhooks.event_log import PROJECTED
from couponbus.domain.errors import RowsBroken
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import DisabledBecause
from couponbus.domain.webhooks.history_page import packed_page
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws.sizes import size
from tests.webhook_factories import any_endpoint, delivery_of

type Make = Callable[..., Row]

KILOBYTE = 1024
DAY = timedelta(days=1)
EVENT = factories.any_event_record(seed=1)
PAGE = factories.any_history_page(seed=1)
HISTORY_KEYS = {SHARD_KEY, PLACE_KEY}
MAKERS: tuple[Make, ...] = (
    factories.any_ready_endpoint,
    factories.any_directory,
    factories.any_event_record,
    factories.any_history_page,
    factories.any_delivery,
    factories.any_replay,
)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_what_is_stored_is_what_is_read(make: Make) -> None:
    rows = [make(seed=seed) for seed in range(40)]

    assert [decode(encode(row)) for row in rows] == rows
    assert len({type(row) for row in rows}) == 1


def test_rows_are_kept_under_the_names_of_their_kinds() -> None:
    kinds = [encode(make(seed=1))["pk"]["S"].partition("#")[0] for make in MAKERS]

    assert kinds == ["ENDPOINT", "DIRECTORY", "EVENT", "HISTORY", "DELIVERY", "REPLAY"]


def expiry(row: Row) -> str | None:
    item = encode(row)
    return item["ttl"]["N"] if "ttl" in item else None


def in_seconds(after: timedelta) -> str:
    return str(int((NOON + after).timestamp()))


def test_what_was_published_is_kept_for_ninety_days_and_found_by_its_day() -> None:
    event = factories.any_event_record(event_at=NOON + timedelta(minutes=59, milliseconds=7))

    item = encode(event)

    assert item["ttl"]["N"] == in_seconds(PUBLISHED + timedelta(minutes=59))
    assert item[SHARD_KEY]["S"] in shards_of_day("", "2026-06-01")
    assert item[PLACE_KEY]["S"] == f"001780318740007#{event.event_id}"
    assert set(PROJECTED) < set(item)


@given(body=st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=50)
def test_a_body_is_read_word_for_word(body: str) -> None:
    event = replace(EVENT, body=body)

    assert decode(encode(event)) == event


@pytest.mark.parametrize(
    "damage",
    [lambda text: text[:-8], lambda text: text[4:], lambda _: '{"metadata":{}}', lambda _: ""],
    ids=["cut", "headless", "not packed", "empty"],
)
@pytest.mark.parametrize(("row", "field"), [(EVENT, "body"), (PAGE, "content")])
def test_an_event_or_page_that_is_damaged_is_unreadable(
    row: Row, field: str, damage: Callable[[str], str]
) -> None:
    item = encode(row)
    name = stored_as(field)

    with pytest.raises(RowsBroken):
        decode({**item, name: {"S": damage(item[name]["S"])}})


def test_a_page_in_another_form_is_unreadable() -> None:
    with pytest.raises(RowsBroken):
        decode(encode(replace(PAGE, content=packed_page([["an id", "a tenant"]]))))


def test_a_test_is_not_found_in_the_history() -> None:
    test = replace(factories.any_event_record(), only_for="shop")

    assert HISTORY_KEYS.isdisjoint(encode(test))
    assert decode(encode(test)) == test


def test_a_delivery_stays_until_it_has_ended_and_then_longer_than_its_event() -> None:
    fresh = delivery_of(factories.any_event_record(event_at=NOON), any_endpoint())
    soon = NOON + timedelta(minutes=1)
    claimed = fresh.claimed(now=NOON, until=soon, sweep_at=soon)
    ended = claimed.delivered(status=204, now=NOON)

    assert [expiry(fresh), expiry(claimed)] == [None, None]
    assert expiry(ended) == in_seconds(DELIVERED)
    assert DELIVERED > PUBLISHED
    assert expiry(ended.replayed(replay_id="R", now=NOON, at=NOON)) is None


def test_an_endpoint_stays_until_it_is_removed_and_then_longer_than_its_events() -> None:
    endpoint = any_endpoint()

    assert expiry(endpoint) is None
    assert expiry(endpoint.paused(now=NOON)) is None
    assert expiry(endpoint.removed(now=NOON)) == in_seconds(AUDITED)
    assert AUDITED > PUBLISHED + DELIVERED


def test_a_replay_is_kept_for_more_than_a_year() -> None:
    assert expiry(replace(factories.any_replay(), began_at=NOON)) == in_seconds(AUDITED)
    assert AUDITED > 366 * DAY


def test_the_list_of_a_tenants_endpoints_is_always_needed() -> None:
    assert expiry(factories.any_directory()) is None


def test_a_disabled_endpoint_owes_an_event_until_it_is_published() -> None:
    disabled = any_endpoint().disabled(because=DisabledBecause.FAILING, now=NOON, publish_by=NOON)

    assert encode(disabled)["unpublished"] == {"S": "EndpointDisabled"}
    assert "unpublished" not in encode(disabled.announced(now=NOON))
    assert "unpublished" not in encode(any_endpoint())


def test_a_delivery_with_names_of_usual_length_costs_one_write_unit() -> None:
    row = replace(
        factories.any_delivery(seed=1),
        tenant="acme-retail-group",
        endpoint_id="acme-customer-data-platform",
        detail_type="PollingBudgetExceeded",
        replay_id="0b54d0f4-7c27-4f39-9c7f-1f2a3b4c5d6e",
    ).written("w" * 16)
    now = row.created_at
    for _ in range(4):
        row = row.replayed(replay_id=factories.any_word(), now=now, at=now)
        row = row.claimed(now=now, until=now, sweep_at=now)
        row = row.failed(reason="status_500", status=500, retry_after=None, now=now)

    assert size(encode(row)) <= KILOBYTE
