"""Each endpoint is a group on the delivery queues, so that none delays another."""

from typing import cast

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from couponbus.aws.queues import SqsDeliveries
from couponbus.domain.errors import QueueUnavailable
from couponbus.events.commands import AttemptDeliveries
from tests import factories
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import REGION, Cloud
from tests.integration.aws.faults import faults_on


@pytest.fixture
def deliveries(cloud: Cloud, clock: ManualClock) -> SqsDeliveries:
    return SqsDeliveries(client=cloud.clients.sqs, url=cloud.commands_url, clock=clock)


def attempts(*endpoints: str) -> list[AttemptDeliveries]:
    return [
        AttemptDeliveries(attempt="first", endpoint_id=name, keys=(factories.any_delivery().key,))
        for name in endpoints
    ]


def groups_in(queue_url: str) -> list[tuple[str, str | None]]:
    """Return the endpoint and the group of each message."""
    queue = sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[queue_url.rpartition("/")[2]]
    read = AttemptDeliveries.model_validate_json
    return [(read(each.body).endpoint_id, cast("str", each.group_id)) for each in queue.messages]


def test_a_message_travels_in_the_group_of_its_endpoint(
    cloud: Cloud, deliveries: SqsDeliveries
) -> None:
    names = [f"endpoint-{number % 4}" for number in range(23)]

    deliveries.send(attempts(*names))

    assert groups_in(cloud.commands_url) == [(name, name) for name in names]


def test_what_was_refused_is_sent_again_in_its_own_group(
    cloud: Cloud, deliveries: SqsDeliveries
) -> None:
    names = [f"endpoint-{number}" for number in range(12)]
    refused = [{"Id": "3", "Code": "ServiceUnavailable"}, {"Id": "7", "Code": "InternalError"}]

    with faults_on(cloud.clients.sqs) as script:
        script.will(faults.answer(Successful=[], Failed=refused))
        deliveries.send(attempts(*names))

    late = [*names[10:], names[3], names[7]]
    assert groups_in(cloud.commands_url) == [(name, name) for name in late]


def test_a_queue_that_does_not_answer_is_unavailable(
    cloud: Cloud, deliveries: SqsDeliveries
) -> None:
    with faults_on(cloud.clients.sqs) as script:
        script.will(*[faults.connect_timeout] * 3)
        with pytest.raises(QueueUnavailable, match=r"^send_message_batch: ConnectTimeoutError$"):
            deliveries.send(attempts("shop"))
