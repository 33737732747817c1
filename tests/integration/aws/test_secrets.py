"""Secrets are read rarely, survive an outage, and never leak."""

import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import Cloud
from tests.integration.aws.faults import Fault, Faults, Pass, faults_on
from tests.second_engine.cloud import ENGINES, cloud_of

NAME = "couponbus/test/coniq/brand"
KEY = "test-key-not-real"
THREADS = 8
SILENCE = [faults.connect_timeout] * 3


@pytest.fixture(params=ENGINES)
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    with cloud_of(request.param, request) as made:
        yield made


@pytest.fixture
def script(cloud: Cloud) -> Iterator[Faults]:
    store(cloud, KEY)
    with faults_on(cloud.clients.secrets) as scripted:
        yield scripted


@pytest.fixture
def secrets(cloud: Cloud, clock: ManualClock) -> Secrets:
    return Secrets(client=cloud.clients.secrets, clock=clock)


def store(cloud: Cloud, value: str) -> str:
    return cloud.clients.secrets.create_secret(Name=NAME, SecretString=value)["ARN"]


def rotate(cloud: Cloud, value: str) -> None:
    cloud.clients.secrets.put_secret_value(SecretId=NAME, SecretString=value)


def reads(script: Faults) -> int:
    return script.calls.count("GetSecretValue")


def test_a_secret_is_read_once_in_five_minutes(
    cloud: Cloud, secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    secrets.get(NAME)
    rotate(cloud, "new-key-not-real")

    clock.pass_time(299)
    assert (secrets.get(NAME), reads(script)) == (KEY, 1)
    clock.pass_time(1)
    assert (secrets.get(NAME), reads(script)) == ("new-key-not-real", 2)


def test_threads_that_need_a_secret_at_once_read_it_once(secrets: Secrets, script: Faults) -> None:
    script.will(*[slowly(faults.passes)] * THREADS)

    assert at_once(secrets) == [KEY] * THREADS
    assert reads(script) == 1


def test_threads_that_wait_for_a_read_that_fails_fail_as_well(
    secrets: Secrets, script: Faults
) -> None:
    script.will(*[slowly(faults.connect_timeout)] * 3 * THREADS)

    assert at_once(secrets) == ["get_secret_value:ConnectTimeoutError"] * THREADS
    script.script.clear()
    assert secrets.get(NAME) == KEY


def slowly(fault: Fault) -> Fault:
    """Take as long as it takes the other threads to come."""

    def slow(request: AWSPreparedRequest, reach: Pass) -> AWSResponse:
        time.sleep(0.1)
        return fault(request, reach)

    return slow


def at_once(secrets: Secrets) -> list[str]:
    """Return the secret, or why there is none, as each of several threads gets it."""
    together = threading.Barrier(THREADS)

    def get() -> str:
        together.wait()
        try:
            return secrets.get(NAME)
        except SecretUnavailable as unavailable:
            return unavailable.code

    with ThreadPoolExecutor(THREADS) as threads:
        results = [threads.submit(get) for _ in range(THREADS)]
        return [result.result() for result in results]


def test_a_refused_secret_is_read_anew(
    cloud: Cloud, secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    secrets.get(NAME)
    rotate(cloud, "new-key-not-real")
    clock.pass_time(30)

    secrets.refresh(NAME)

    assert secrets.get(NAME) == "new-key-not-real"
    assert reads(script) == 2


def test_a_caller_that_expects_new_secrets_has_them_read_sooner(
    cloud: Cloud, script: Faults, clock: ManualClock
) -> None:
    secrets = Secrets(client=cloud.clients.secrets, clock=clock, between_reads=timedelta(seconds=5))
    secrets.get(NAME)
    rotate(cloud, "new-key-not-real")

    clock.pass_time(4)
    secrets.refresh(NAME)
    too_soon = secrets.get(NAME)
    clock.pass_time(1)
    secrets.refresh(NAME)

    assert (too_soon, secrets.get(NAME)) == (KEY, "new-key-not-real")
    assert reads(script) == 2


def test_a_secret_that_is_refused_again_and_again_is_not_read_each_time(
    secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    secrets.get(NAME)
    for _ in range(61):
        secrets.refresh(NAME)
        secrets.get(NAME)
        clock.pass_time(1)

    assert reads(script) == 3


def test_a_secret_that_was_never_read_can_be_refreshed(secrets: Secrets, script: Faults) -> None:
    secrets.refresh(NAME)

    assert secrets.get(NAME) == KEY


def test_while_secrets_manager_is_silent_the_known_secret_is_used(
    secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    secrets.get(NAME)
    clock.pass_time(49 * 60)
    script.will(*SILENCE)

    assert secrets.get(NAME) == KEY
    clock.pass_time(29)
    assert secrets.get(NAME) == KEY
    assert reads(script) == 1 + len(SILENCE)

    clock.pass_time(60)
    script.will(*SILENCE)
    with pytest.raises(SecretUnavailable):
        secrets.get(NAME)


def test_a_secret_that_cannot_be_read_is_named_without_its_account(
    cloud: Cloud, secrets: Secrets, script: Faults
) -> None:
    arn = cloud.clients.secrets.describe_secret(SecretId=NAME)["ARN"]
    script.will(faults.refusal("AccessDeniedException"))

    with pytest.raises(SecretUnavailable) as failure:
        secrets.get(arn)

    assert str(failure.value) == f"{arn.rpartition(':')[2]}: AccessDeniedException"
    assert "123456789012" not in str(failure.value)


def test_a_secret_without_text_is_unavailable(cloud: Cloud, secrets: Secrets) -> None:
    cloud.clients.secrets.create_secret(Name=NAME, SecretBinary=b"\x00")

    with pytest.raises(SecretUnavailable, match="no text"):
        secrets.get(NAME)


@pytest.mark.parametrize(
    "value", [KEY, f"{KEY}\n", f'{{"api_key": "{KEY}"}}', f' {{"api_key": " {KEY} ", "x": 1}}']
)
def test_a_key_is_plain_or_in_an_object(cloud: Cloud, secrets: Secrets, value: str) -> None:
    store(cloud, value)

    assert secrets.api_key(NAME) == KEY


@pytest.mark.parametrize("value", ["{planted", '{"key": "planted"}', '{"api_key": 7}', " "])
def test_a_secret_without_a_key_is_an_operators_matter(
    cloud: Cloud, secrets: Secrets, value: str
) -> None:
    store(cloud, value)

    with pytest.raises(ConfigurationInvalid, match=f"^secret {NAME} has no api_key$") as failure:
        secrets.api_key(NAME)
    assert "planted" not in "".join(traceback.format_exception(failure.value))


def test_nothing_of_a_secret_is_shown(cloud: Cloud, secrets: Secrets) -> None:
    store(cloud, KEY)
    secrets.get(NAME)

    assert repr(secrets) == str(secrets) == "Secrets()"
    assert KEY not in repr(vars(secrets))
