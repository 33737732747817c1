"""The clients are made lazily, once, and with short timeouts; the clock and the ids are real."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

import couponbus
from couponbus.aws import event_bus
from couponbus.aws.clients import CONNECTIONS, Clients
from couponbus.aws.clock import RandomIds, SystemClock
from couponbus.aws.ledger import report
from couponbus.aws.polling import cohorts
from tests.integration.aws import faults
from tests.integration.aws.cloud import Cloud
from tests.integration.aws.faults import faults_on


def test_no_client_is_made_before_it_is_used() -> None:
    assert vars(Clients()) == {}


def test_a_client_is_made_once(cloud: Cloud) -> None:
    assert cloud.clients.dynamodb is cloud.clients.dynamodb
    assert cloud.clients.secrets is cloud.clients.secrets


@pytest.mark.parametrize("name", ["dynamodb", "events", "sqs", "secrets"])
def test_every_client_is_short_of_patience(cloud: Cloud, name: str) -> None:
    config = getattr(cloud.clients, name).meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert config.max_pool_connections == 16


def test_a_connection_is_kept_for_each_call_that_is_made_at_once() -> None:
    assert max(cohorts.CALLS_AT_ONCE, event_bus.CALLS_AT_ONCE, report.SEGMENTS) <= CONNECTIONS


def test_botocore_does_not_check_what_types_have_checked(cloud: Cloud) -> None:
    with faults_on(cloud.clients.dynamodb) as script:
        script.will(faults.answer(TableNames=["unchecked"]))
        answer = cloud.clients.dynamodb.list_tables(Limit=-1)

    assert answer["TableNames"] == ["unchecked"]


def test_the_endpoint_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert Clients().sqs.meta.endpoint_url == "http://127.0.0.1:9"


def test_the_user_agent_is_ours_and_short(cloud: Cloud) -> None:
    seen: list[str] = []

    def watching(request: AWSPreparedRequest, reach: faults.Pass) -> AWSResponse:
        seen.append(str(request.headers["User-Agent"]))
        return reach()

    with faults_on(cloud.clients.dynamodb) as script:
        script.will(watching)
        cloud.clients.dynamodb.list_tables()

    assert f"couponbus/{couponbus.__version__}" in seen[0]
    assert len(seen[0]) < 120  # Powertools adds its own name where it was imported before


def test_the_clock_is_in_utc_and_right() -> None:
    clock = SystemClock()
    before = datetime.now(UTC)

    now = clock.now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert before - timedelta(milliseconds=1) <= now <= datetime.now(UTC)


def test_the_clock_sleeps_no_negative_time() -> None:
    clock = SystemClock()
    before = clock.now()

    clock.sleep(-5.0)
    clock.sleep(0.01)

    assert clock.now() - before >= timedelta(milliseconds=9)


def test_no_two_ids_are_equal() -> None:
    ids = RandomIds()

    assert len({ids.new() for _ in range(1000)}) == 1000
