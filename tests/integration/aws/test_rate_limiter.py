"""The shared rate limiter with workers that overtake one another, on a table with faults."""

from dataclasses import replace

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.brake import Finding
from couponbus.domain.circuit_breaker import FAILURES_TO_OPEN, Purpose
from couponbus.domain.errors import ConfigurationInvalid, LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Limits, NoSlot, Reservation
from couponbus.runtime.coniq_rate_limiter import coniq_rate_limiter
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import Runtime
from tests.factories import any_account
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.faults import Fault, faults_on

OVERTAKEN = faults.refusal("ConditionalCheckFailedException")
SILENCE = [faults.connect_timeout] * 3
LEASE = Reservation(account="brand", starts_at=0.0, interval=0.1, calls=1, troubled=False)


def overtaken_by_another(limiter: DynamoRateLimiter) -> Fault:
    """Let another worker take a slot just before the call."""

    def overtaken(request: AWSPreparedRequest, reach: faults.Pass) -> AWSResponse:
        limiter.reserve(account="brand", calls=1, within=60.0)
        return reach()

    return overtaken


def test_a_lease_costs_two_calls(cloud: Cloud, limiter: DynamoRateLimiter) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        limiter.reserve(account="brand", calls=5, within=1.0)

        assert script.calls == ["GetItem", "PutItem"]


def test_a_worker_that_is_overtaken_takes_the_slot_after(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, overtaken_by_another(limiter))
        late = limiter.reserve(account="brand", calls=1, within=60.0)
        next_one = limiter.reserve(account="brand", calls=1, within=60.0)

    assert isinstance(late, Reservation)
    assert isinstance(next_one, Reservation)
    assert late.starts_at - LEASE.interval == pytest.approx(1_780_315_200.0, abs=0.01)
    assert next_one.starts_at > late.starts_at


def test_a_worker_that_is_overtaken_until_no_slot_is_left_learns_that(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, overtaken_by_another(limiter))

        assert isinstance(limiter.reserve(account="brand", calls=1, within=0.01), NoSlot)


def test_a_worker_that_is_always_overtaken_gives_up(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, *[OVERTAKEN] * 99)
        with pytest.raises(LedgerUnavailable, match="too many"):
            limiter.reserve(account="brand", calls=1, within=1.0)
        script.script.clear()
        script.will(faults.passes, *[OVERTAKEN] * 99)
        limiter.report(reservation=LEASE, health=Health.FAILING, retry_after=None)

    assert limiter.take_unreported() == 1


@pytest.mark.parametrize("before", [0, 1])
def test_without_a_table_there_is_no_slot(
    cloud: Cloud, limiter: DynamoRateLimiter, before: int
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[faults.passes] * before, *SILENCE)
        with pytest.raises(LedgerUnavailable, match=r"^pace of brand: ConnectTimeoutError$"):
            limiter.reserve(account="brand", calls=1, within=1.0)


def test_without_a_table_it_is_unknown_what_was_spent(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*SILENCE)
        with pytest.raises(LedgerUnavailable, match=r"^pace of brand: ConnectTimeoutError$"):
            limiter.spent("brand")


def test_a_pace_stored_before_days_were_counted_has_spent_nothing(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    limiter.reserve(account="brand", calls=5, within=1.0)
    key: Item = {"pk": {"S": "PACE#coniq#brand"}, "sk": {"S": "ROW"}}
    cloud.clients.dynamodb.update_item(
        TableName=TABLE,
        Key=key,
        UpdateExpression="REMOVE #day, #calls",
        ExpressionAttributeNames={"#day": "day", "#calls": "calls"},
    )

    before = limiter.spent("brand")
    following = limiter.reserve(account="brand", calls=2, within=60.0)

    assert before == 0
    assert isinstance(following, Reservation)
    assert following.starts_at > LEASE.starts_at + 1_780_315_200.0
    assert limiter.spent("brand") == 2


def of_a_replica_that_lags(request: AWSPreparedRequest, reach: faults.Pass) -> AWSResponse:
    """Answer that there is no item, unless the read is consistent."""
    if faults.content_of(request).get("ConsistentRead"):
        return reach()
    return faults.answer()(request, reach)


def test_the_pace_is_read_as_it_is_now(cloud: Cloud, limiter: DynamoRateLimiter) -> None:
    limiter.report(reservation=LEASE, health=Health.THROTTLED, retry_after=60.0)

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[of_a_replica_that_lags] * 2)
        busy = limiter.reserve(account="brand", calls=1, within=1.0)
        outlook = limiter.outlook("brand", purpose=Purpose.GET)
        limiter.report(reservation=LEASE, health=Health.THROTTLED, retry_after=1.0)

        # The report begins with what the lease has read.
        assert script.calls == ["GetItem", "GetItem", "PutItem"]
    assert isinstance(busy, NoSlot)
    assert outlook.opens_at > 0
    assert isinstance(limiter.reserve(account="brand", calls=1, within=1.0), NoSlot)


def test_an_outlook_that_cannot_be_read_is_no_outlook(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*SILENCE)
        with pytest.raises(LedgerUnavailable, match="pace of brand"):
            limiter.outlook("brand", purpose=Purpose.POST)


def test_an_account_without_a_limit_is_a_mistake_of_the_configuration(
    limiter: DynamoRateLimiter,
) -> None:
    with pytest.raises(ConfigurationInvalid, match="stranger"):
        limiter.reserve(account="stranger", calls=1, within=1.0)


def test_good_news_while_all_is_well_costs_nothing(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        limiter.report(reservation=LEASE, health=Health.GOOD, retry_after=None)

        assert script.calls == []


def test_news_that_change_nothing_are_not_written(cloud: Cloud, limiter: DynamoRateLimiter) -> None:
    for _ in range(FAILURES_TO_OPEN):
        limiter.report(reservation=LEASE, health=Health.FAILING, retry_after=None)

    with faults_on(cloud.clients.dynamodb) as script:
        limiter.report(reservation=LEASE, health=Health.FAILING, retry_after=None)

        assert script.calls == ["GetItem"]


def test_a_report_that_is_overtaken_is_made_again(cloud: Cloud, limiter: DynamoRateLimiter) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, overtaken_by_another(limiter))
        limiter.report(reservation=LEASE, health=Health.THROTTLED, retry_after=30.0)

    assert isinstance(limiter.reserve(account="brand", calls=1, within=29.0), NoSlot)
    assert limiter.take_unreported() == 0


def test_a_throttled_table_gives_no_slot(cloud: Cloud, limiter: DynamoRateLimiter) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.passes, *[faults.throttled] * 3)
        with pytest.raises(LedgerUnavailable, match=r"^pace of brand: ThrottlingException$"):
            limiter.reserve(account="brand", calls=1, within=1.0)


@pytest.mark.parametrize("before", [0, 1])
def test_a_report_that_cannot_be_made_is_counted_and_not_raised(
    cloud: Cloud, limiter: DynamoRateLimiter, before: int
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*[faults.passes] * before, *SILENCE)
        limiter.report(reservation=LEASE, health=Health.FAILING, retry_after=None)

    assert [limiter.take_unreported() for _ in range(2)] == [1, 0]


def test_a_damaged_pace_is_named(cloud: Cloud, limiter: DynamoRateLimiter) -> None:
    key = {"pk": {"S": "PACE#coniq#brand"}, "sk": {"S": "ROW"}}
    cloud.clients.dynamodb.put_item(TableName=TABLE, Item={**key, "revision": {"N": "1"}})

    with pytest.raises(LedgerUnavailable, match="PACE#coniq#brand cannot be read"):
        limiter.reserve(account="brand", calls=1, within=1.0)


def test_two_providers_accounts_of_one_name_do_not_share_a_pace(
    cloud: Cloud, clock: ManualClock, limiter: DynamoRateLimiter
) -> None:
    other = DynamoRateLimiter(
        client=cloud.clients.dynamodb,
        table=TABLE,
        clock=clock,
        provider="uniqodo",
        limits={"brand": Limits(calls_per_second=10.0)},
    )
    first = limiter.reserve(account="brand", calls=5, within=1.0)

    assert isinstance(first, Reservation)
    assert other.reserve(account="brand", calls=5, within=1.0) == first


def test_the_settings_of_an_account_say_when_it_is_braked(cloud: Cloud, clock: ManualClock) -> None:
    touchy = replace(any_account(), name="brand", brake_items=2, brake_share=0.5)
    runtime = Runtime(
        settings=FunctionSettings(stage="dev", table_name=TABLE), clients=cloud.clients, clock=clock
    )
    limiter = coniq_rate_limiter(runtime, accounts={"brand": touchy})
    reservation = limiter.reserve(
        account="brand", calls=1, within=1.0, purpose=Purpose.POST, items=3
    )
    assert isinstance(reservation, Reservation)

    one = limiter.note(reservation=reservation, finding=Finding(refused=1))
    two = limiter.note(reservation=reservation, finding=Finding(anomalies=1))

    assert (one, two) == (False, True)


def test_a_finding_that_cannot_be_reported_is_counted_and_brakes_nothing(
    cloud: Cloud, limiter: DynamoRateLimiter
) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(*SILENCE)
        braked = limiter.note(reservation=LEASE, finding=Finding(refused=1000))

    assert (braked, limiter.take_unreported()) == (False, 1)
