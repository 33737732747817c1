"""The delivery queues hold the commands that were sent, in memory and on SQS alike."""

import time
from collections.abc import Callable, Iterator

import pytest

from couponbus.aws.queues import SqsDeliveries
from couponbus.events.base import Command
from couponbus.events.commands import AttemptDeliveries
from couponbus.ports.webhooks import DeliveryQueue
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.queues import MemoryCommands
from tests.integration.aws.cloud import a_cloud
from tests.second_engine.cloud import ENGINES, cloud_of

type Sent = Callable[[], list[Command]]


@pytest.fixture(params=["memory", *ENGINES])
def deliveries(request: pytest.FixtureRequest) -> Iterator[tuple[DeliveryQueue, Sent]]:
    if request.param == "memory":
        queue = MemoryCommands()
        yield queue, lambda: queue.sent
        return
    with cloud_of(request.param, request) as cloud:
        url = cloud.commands_url
        adapter = SqsDeliveries(client=cloud.clients.sqs, url=url, clock=ManualClock())
        read = AttemptDeliveries.model_validate_json
        yield adapter, lambda: [read(each) for each in cloud.bodies_in(url)]


def attempts(count: int) -> list[AttemptDeliveries]:
    return [
        AttemptDeliveries(
            attempt="first" if number % 2 else "again",
            endpoint_id=f"endpoint-{number % 3}",
            keys=(factories.any_delivery().key, factories.any_delivery().key),
        )
        for number in range(count)
    ]


def test_sqs_keeps_back_what_is_not_for_now() -> None:
    with a_cloud() as cloud:
        url, read = cloud.commands_url, AttemptDeliveries.model_validate_json
        queue = SqsDeliveries(client=cloud.clients.sqs, url=url, clock=ManualClock())
        wanted = attempts(2)

        queue.send(wanted, delays=[1, 0])

        at_once = [read(each) for each in cloud.bodies_in(url)]
        time.sleep(1.1)
        later = [read(each) for each in cloud.bodies_in(url)]
        assert (at_once, later) == (wanted[1:], wanted)


@pytest.mark.parametrize("engine", ENGINES)
def test_only_what_has_no_delay_can_be_received_at_once(
    engine: str, request: pytest.FixtureRequest
) -> None:
    with cloud_of(engine, request) as cloud:
        url, read = cloud.commands_url, AttemptDeliveries.model_validate_json
        wanted = attempts(3)

        SqsDeliveries(client=cloud.clients.sqs, url=url, clock=ManualClock()).send(
            wanted, delays=[900, 0, 899]
        )

        assert [read(each) for each in cloud.bodies_in(url)] == wanted[1:2]


@pytest.mark.parametrize("count", [0, 1, 10, 25])
def test_every_request_for_attempts_arrives(
    deliveries: tuple[DeliveryQueue, Sent], count: int
) -> None:
    queue, sent = deliveries
    wanted = attempts(count)

    queue.send(wanted)

    assert sent() == wanted
