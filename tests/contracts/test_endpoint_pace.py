"""All workers share the rate of an endpoint, in memory and on DynamoDB alike."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from couponbus.aws.rate_limiter import DynamoEndpointPace
from couponbus.domain.rate_limit import SHARE_OF_LIMIT, NoSlot, Reservation
from couponbus.ports.webhooks import EndpointPace
from tests.fakes.clock import ManualClock
from tests.fakes.endpoint_pace import MemoryEndpointPace
from tests.integration.aws.cloud import TABLE, a_cloud


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "dynamodb"])
def pace(request: pytest.FixtureRequest, clock: ManualClock) -> Iterator[EndpointPace]:
    if request.param == "memory":
        yield MemoryEndpointPace(clock=clock)
        return
    with a_cloud() as cloud:
        yield DynamoEndpointPace(client=cloud.clients.dynamodb, table=TABLE, clock=clock)


def leased(
    pace: EndpointPace, *, name: str = "shop", per_second: int = 4, calls: int = 1
) -> Reservation:
    reservation = pace.reserve(endpoint_id=name, per_second=per_second, calls=calls, within=60.0)
    assert isinstance(reservation, Reservation)
    return reservation


def test_slots_follow_one_another_at_the_pace(pace: EndpointPace, clock: ManualClock) -> None:
    reservations = [leased(pace, calls=3) for _ in range(4)]

    slots = [reservation.slot(place) for reservation in reservations for place in range(3)]
    assert slots[0] == clock.now().timestamp()
    gaps = [later - one for one, later in pairwise(slots)]
    assert gaps == pytest.approx([1 / (4 * SHARE_OF_LIMIT)] * 11, abs=1e-5)


def test_endpoints_have_paces_of_their_own(pace: EndpointPace, clock: ManualClock) -> None:
    leased(pace, calls=100)

    assert leased(pace, name="erp").starts_at == clock.now().timestamp()


def test_a_worker_that_would_wait_too_long_learns_when_to_ask_again(
    pace: EndpointPace, clock: ManualClock
) -> None:
    leased(pace, calls=40)

    busy = pace.reserve(endpoint_id="shop", per_second=4, calls=1, within=5.0)

    assert isinstance(busy, NoSlot)
    assert busy.until - clock.now().timestamp() == pytest.approx(10 / SHARE_OF_LIMIT - 5, abs=1e-4)


def test_a_pace_that_its_owner_changes_counts_from_the_next_lease_on(
    pace: EndpointPace, clock: ManualClock
) -> None:
    leased(pace, per_second=1, calls=2)

    faster = leased(pace, per_second=100, calls=2)

    assert faster.starts_at - clock.now().timestamp() == pytest.approx(2 / SHARE_OF_LIMIT, abs=1e-4)
    assert faster.interval == pytest.approx(0.01 / SHARE_OF_LIMIT)
