"""Ignored callbacks are counted by reason and shown for two days, in memory and on a table."""

from datetime import timedelta

import pytest

from couponbus.aws.inbound.ignored_callbacks import DynamoIgnoredCallbacks
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.inbound.ignored_callbacks import IgnoredCallbacks, IgnoreReason
from couponbus.ports.inbound import IgnoredCallbackCounts
from tests.fakes.callers import MemoryIgnoredCallbacks
from tests.fakes.clock import NOON, ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import faults_on

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def stored(cloud: Cloud, clock: ManualClock) -> DynamoIgnoredCallbacks:
    return DynamoIgnoredCallbacks(client=cloud.clients.dynamodb, table=TABLE, clock=clock)


@pytest.fixture(params=["table", "memory"])
def counts(
    request: pytest.FixtureRequest, cloud: Cloud, clock: ManualClock
) -> IgnoredCallbackCounts:
    return MemoryIgnoredCallbacks(clock) if request.param == "memory" else stored(cloud, clock)


def test_an_account_without_ignored_callbacks_has_no_count(counts: IgnoredCallbackCounts) -> None:
    counts.count(account="other", reason=IgnoreReason.TOO_LONG)

    assert counts.recent("main") is None


def test_callbacks_are_counted_by_reason_with_the_time_of_the_last(
    counts: IgnoredCallbackCounts, clock: ManualClock
) -> None:
    for reason in (IgnoreReason.NO_USER, IgnoreReason.TOO_LONG, IgnoreReason.NO_USER):
        counts.count(account="main", reason=reason)
        clock.pass_time(60)

    assert counts.recent("main") == IgnoredCallbacks(
        numbers={IgnoreReason.TOO_LONG: 1, IgnoreReason.NO_USER: 2}, last_at=NOON + 2 * MINUTE
    )


def test_those_of_yesterday_are_added_and_older_ones_are_not_shown(
    counts: IgnoredCallbackCounts, clock: ManualClock
) -> None:
    shown = []
    for reasons in ([IgnoreReason.NO_USER], [IgnoreReason.NO_USER], [], []):
        for reason in reasons:
            counts.count(account="main", reason=reason)
        shown.append(counts.recent("main"))
        clock.pass_time(DAY.total_seconds())

    assert shown == [
        IgnoredCallbacks(numbers={IgnoreReason.NO_USER: 1}, last_at=NOON),
        IgnoredCallbacks(numbers={IgnoreReason.NO_USER: 2}, last_at=NOON + DAY),
        IgnoredCallbacks(numbers={IgnoreReason.NO_USER: 1}, last_at=NOON + DAY),
        None,
    ]


def test_a_count_costs_one_small_item_a_day_which_the_table_deletes(
    cloud: Cloud, clock: ManualClock
) -> None:
    counting = stored(cloud, clock)
    for reason in (*IgnoreReason, *IgnoreReason):
        counting.count(account="main", reason=reason)

    (item,) = cloud.clients.dynamodb.scan(TableName=TABLE)["Items"]

    assert float(item["ttl"]["N"]) > (NOON + 2 * DAY).timestamp()


def test_a_silent_table_hinders_no_callback(cloud: Cloud, clock: ManualClock) -> None:
    counting = stored(cloud, clock)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[faults.connect_timeout] * 6)
        counting.count(account="main", reason=IgnoreReason.NO_USER)
        with pytest.raises(LedgerUnavailable, match="ignored callbacks"):
            counting.recent("main")


def test_a_reason_of_a_newer_version_is_left_out(cloud: Cloud, clock: ManualClock) -> None:
    counting = stored(cloud, clock)
    counting.count(account="main", reason=IgnoreReason.NO_USER)
    cloud.clients.dynamodb.update_item(
        TableName=TABLE,
        Key={"pk": {"S": "CALLBACKS#main"}, "sk": {"S": "2026-06-01"}},
        UpdateExpression="ADD some_newer_reason :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )

    found = counting.recent("main")

    assert found is not None
    assert found.numbers == {IgnoreReason.NO_USER: 1}
