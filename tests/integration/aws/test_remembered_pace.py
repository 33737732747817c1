"""A worker that is alone leases from the pace that it remembers, and grants nothing by it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import NoSlot, Reservation
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on

LEASE = Reservation(account="brand", starts_at=0.0, interval=0.1, calls=1, troubled=False)


def another(limiter: DynamoRateLimiter) -> DynamoRateLimiter:
    """Return a second worker of the same accounts, which remembers nothing yet."""
    return replace(limiter)


def test_a_lease_of_a_worker_that_is_alone_costs_one_call(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    leases = [limiter.reserve(account="brand", calls=5, within=9.0) for _ in range(2)]

    with faults_on(cloud.clients.dynamodb) as script:
        leases += [limiter.reserve(account="brand", calls=5, within=9.0) for _ in range(3)]

        assert script.calls == ["PutItem"] * 3
    starts = [lease.starts_at for lease in leases if isinstance(lease, Reservation)]
    assert [late - early for early, late in pairwise(starts)] == pytest.approx(
        [5 / 9.7] * 4, abs=1e-5
    )
    assert limiter.pace("brand").calls == 25


def test_a_worker_that_is_not_alone_any_more_takes_no_slot_of_another(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    other = another(limiter)
    before = [limiter.reserve(account="brand", calls=1, within=9.0) for _ in range(3)]
    with faults_on(cloud.clients.dynamodb) as script:
        mixed = [each.reserve(account="brand", calls=1, within=9.0) for each in (other, limiter)]
        mixed += [each.reserve(account="brand", calls=1, within=9.0) for each in (other, limiter)]

        # Once in vain; then both read again, as long as there are two of them.
        assert script.calls == ["GetItem", "PutItem", *["PutItem"] * 2, *["GetItem", "PutItem"] * 2]
    starts = [lease.starts_at for lease in (*before, *mixed) if isinstance(lease, Reservation)]
    assert [late - early for early, late in pairwise(starts)] == pytest.approx(
        [1 / 9.7] * 6, abs=1e-5
    )


@pytest.mark.parametrize("resumed_by", ["another", "itself"])
def test_no_slot_is_refused_by_what_a_worker_remembers(
    limiter: DynamoRateLimiter, resumed_by: str
) -> None:
    for _ in range(3):
        limiter.reserve(account="brand", calls=1, within=9.0)
    limiter.report(reservation=LEASE, health=Health.THROTTLED, retry_after=60.0)
    assert isinstance(limiter.reserve(account="brand", calls=1, within=1.0), NoSlot)

    changing = another(limiter) if resumed_by == "another" else limiter
    changing.change("brand", lambda pace: replace(pace, revision=pace.revision + 1, paused_until=0))

    assert isinstance(limiter.reserve(account="brand", calls=1, within=1.0), Reservation)


def test_a_pace_that_is_gone_begins_anew_whatever_a_worker_remembers(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    for _ in range(3):
        limiter.reserve(account="brand", calls=1, within=60.0)
    cloud.clients.dynamodb.delete_item(
        TableName=TABLE, Key={"pk": {"S": "PACE#coniq#brand"}, "sk": {"S": "ROW"}}
    )

    following = limiter.reserve(account="brand", calls=1, within=60.0)

    assert isinstance(following, Reservation)
    assert limiter.pace("brand").revision == 1
    assert limiter.spent("brand") == 1
