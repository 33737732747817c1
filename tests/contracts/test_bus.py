"""What was published is on the bus, in memory and on EventBridge alike."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest

from couponbus.aws.event_bus import EventBridgeBus
from couponbus.ports import Bus
from tests import factories
from tests.fakes.event_bus import MemoryBus
from tests.integration.aws.cloud import BUS, a_cloud, bodies_in, everything_on_the_bus_goes_to

type Published = Callable[[], Mapping[str, object]]


@pytest.fixture(params=["memory", "eventbridge"])
def bus(request: pytest.FixtureRequest) -> Iterator[tuple[Bus, Published]]:
    if request.param == "memory":
        fake = MemoryBus()
        yield (
            fake,
            lambda: {each.metadata.id: each.model_dump(mode="json") for each in fake.events},
        )
        return
    with a_cloud() as cloud:
        everything_on_the_bus_goes_to(cloud.commands_url, cloud=cloud)

        def published() -> Mapping[str, object]:
            details = [json.loads(body)["detail"] for body in bodies_in(cloud.commands_url)]
            return {detail["metadata"]["id"]: detail for detail in details}

        yield EventBridgeBus(client=cloud.clients.events, bus=BUS), published


@pytest.mark.parametrize("count", [0, 1, 10, 47])
def test_every_event_is_published(bus: tuple[Bus, Published], count: int) -> None:
    subject, published = bus
    events = [factories.any_event() for _ in range(count)]

    assert list(subject.publish(events)) == []
    assert published() == {each.metadata.id: each.model_dump(mode="json") for each in events}
