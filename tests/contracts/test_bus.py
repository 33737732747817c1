"""Published events are on the bus, in memory and on EventBridge alike."""

import json
import time
from collections.abc import Callable, Iterator, Mapping

import pytest

from couponbus.aws.event_bus import EventBridgeBus
from couponbus.aws.queues import SqsNotifications
from couponbus.domain.copying import replace
from couponbus.domain.provider import Provider
from couponbus.events.base import PublishedEvent
from couponbus.ports.shared import Bus
from couponbus.usecases.publishing.event_mapping import announcement
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.event_bus import MemoryBus
from tests.integration.aws.cloud import BUS, Cloud, everything_on_the_bus_goes_to
from tests.second_engine.cloud import ENGINES, cloud_of

ARRIVAL_SECONDS = 30.0

type Seen = tuple[str, Mapping[str, object]]
type Published = Callable[[int], Mapping[str, Seen]]


@pytest.fixture(params=["memory", *ENGINES])
def bus(request: pytest.FixtureRequest) -> Iterator[tuple[Bus, Published]]:
    """Return a bus, and its events by id: the source and the detail of each."""
    if request.param == "memory":
        fake = MemoryBus()
        yield fake, lambda _: expected(fake.events)
        return
    with cloud_of(request.param, request) as cloud:
        everything_on_the_bus_goes_to(cloud.commands_url, cloud=cloud)

        def published(count: int) -> Mapping[str, Seen]:
            bodies = [json.loads(body) for body in arrivals(cloud, count)]
            return {
                body["detail"]["metadata"]["id"]: (body["source"], body["detail"])
                for body in bodies
            }

        notifications = SqsNotifications(
            client=cloud.clients.sqs, url=cloud.quarantine_url, clock=ManualClock()
        )
        yield (
            EventBridgeBus(client=cloud.clients.events, bus=BUS, notifications=notifications),
            published,
        )


def arrivals(cloud: Cloud, count: int) -> list[str]:
    """Return what is in the queue, once that is as many: a bus delivers in its own time."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while len(found := cloud.bodies_in(cloud.commands_url)) < count:
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return found


def expected(events: list[PublishedEvent]) -> Mapping[str, Seen]:
    return {each.metadata.id: (each.origin, each.model_dump(mode="json")) for each in events}


def redeemed_at(provider: Provider) -> PublishedEvent:
    event = announcement(replace(factories.any_recorded_redemption(), provider=provider))
    assert event is not None
    return event


@pytest.mark.parametrize("count", [0, 1, 10, 47])
def test_every_event_is_published(bus: tuple[Bus, Published], count: int) -> None:
    subject, published = bus
    events: list[PublishedEvent] = [factories.any_event() for _ in range(count)]

    assert list(subject.publish(events)) == []
    assert published(count) == expected(events)


def test_a_redemption_comes_from_the_provider_where_it_happened(
    bus: tuple[Bus, Published],
) -> None:
    subject, published = bus

    subject.publish([redeemed_at(provider) for provider in Provider])

    seen = {
        source: data_of(detail)["provider"] for source, detail in published(len(Provider)).values()
    }
    assert seen == {"couponbus.koupon": "koupon", "couponbus.uniqodo": "uniqodo"}


def data_of(detail: Mapping[str, object]) -> Mapping[str, object]:
    data = detail["data"]
    assert isinstance(data, dict)
    return data
