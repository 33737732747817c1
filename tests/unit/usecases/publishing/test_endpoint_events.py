"""`EndpointDisabled` is published without the secret parts of the endpoint's URL."""

from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.webhooks.endpoint import DisabledBecause, Endpoint
from couponbus.domain.webhooks.retry_schedule import DISABLED_AFTER
from couponbus.events.endpoints import EndpointDisabled
from couponbus.usecases.publishing.event_mapping import announcement
from tests.fakes.clock import NOON
from tests.webhook_factories import any_endpoint

SOON = NOON + timedelta(seconds=60)
SHOP = replace(
    any_endpoint(),
    url="https://hooks.shop.example/in?token=not-real",
    description="orders",
)


def event_of(endpoint: Endpoint) -> EndpointDisabled:
    event = announcement(endpoint)
    assert isinstance(event, EndpointDisabled)
    return event


def disabled(endpoint: Endpoint = SHOP) -> Endpoint:
    return endpoint.disabled(because=DisabledBecause.GONE, now=NOON, publish_by=SOON)


def test_the_event_says_which_endpoint_and_why_and_since_when_it_failed() -> None:
    failing = SHOP.failed(now=NOON - DISABLED_AFTER, publish_by=NOON)

    event = event_of(failing.failed(now=NOON, publish_by=SOON))

    assert (event.data.endpoint_id, event.data.description) == (SHOP.endpoint_id, "orders")
    assert (event.data.reason, event.data.failing_since) == ("failing", NOON - DISABLED_AFTER)
    assert (event.metadata.occurred_at, event.metadata.tenant) == (NOON, "default")
    assert (event.origin, event.metadata.sequence) == ("couponbus.endpoints", 1)


def test_of_its_address_only_the_host_is_published() -> None:
    event = event_of(disabled())

    assert event.data.host == "hooks.shop.example"
    assert "not-real" not in event.model_dump_json()


@pytest.mark.parametrize("url", ["https://[::1", "https://", "nonsense", ""])
def test_an_invalid_address_does_not_prevent_the_event(url: str) -> None:
    assert event_of(disabled(replace(SHOP, url=url))).data.reason == "gone"


def test_a_disabling_has_the_same_event_however_the_endpoint_goes_on() -> None:
    resumed = disabled().resumed(now=SOON)
    others = (
        disabled().succeeded(now=SOON),
        disabled().removed(now=SOON),
        resumed,
        resumed.failed(now=SOON, publish_by=SOON),
        disabled(resumed),  # again, before the event was published
    )

    for later in others:
        assert event_of(later) == event_of(disabled())


def test_an_endpoint_that_was_never_disabled_owes_nothing() -> None:
    assert announcement(SHOP) is None


def test_the_same_disabling_is_always_the_same_event_and_another_is_another() -> None:
    first = disabled()
    again = disabled(first.announced(now=SOON).resumed(now=SOON))

    assert event_of(first) == event_of(first.written("w").handed_over(until=SOON))
    assert event_of(again).metadata.id != event_of(first).metadata.id
