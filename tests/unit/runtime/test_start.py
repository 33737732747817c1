"""What every function starts with is read from its environment, once and without a call."""

from datetime import timedelta

import pytest

from couponbus.aws.clients import Clients
from couponbus.aws.early_connections import EarlyClients
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.queues import SqsCommands
from couponbus.domain.durations import timing
from couponbus.domain.errors import ConfigurationInvalid
from couponbus.runtime.initialisation import TYPE
from couponbus.runtime.settings import IssuanceSettings
from couponbus.runtime.start import Runtime, start


class Settings(IssuanceSettings):
    """Settings with two of the durations, one of them not the default."""

    queue_url: str
    settle_seconds: float
    handover_seconds: float


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Runtime[Settings]:
    values = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "STAGE": "dev",
        "TABLE_NAME": "ledger",
        "QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/queue",
        "SETTLE_SECONDS": "7",
        "HANDOVER_SECONDS": "300",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return start(Settings)


def test_the_durations_of_the_settings_are_those_that_it_goes_by(
    runtime: Runtime[Settings],
) -> None:
    assert runtime.base.timing == timing(settle=7.0)
    assert runtime.base.timing != timing()


@pytest.mark.parametrize(("days", "kept"), [(None, None), ("500", timedelta(days=500))])
def test_the_ledger_keeps_decided_issuances_as_the_settings_say(
    runtime: Runtime[Settings],
    monkeypatch: pytest.MonkeyPatch,
    days: str | None,
    kept: timedelta | None,
) -> None:
    if days is not None:
        monkeypatch.setenv("ISSUANCE_DAYS", days)

    ledger = start(Settings).base.ledger

    assert isinstance(ledger, DynamoLedger)
    assert ledger.decided_kept == kept


def test_everything_goes_by_one_clock(runtime: Runtime[Settings]) -> None:
    assert runtime.base.clock is runtime.clock
    assert runtime.table == "ledger"
    assert type(runtime.queue(SqsCommands, runtime.settings.queue_url)) is SqsCommands


@pytest.mark.parametrize(
    ("stage", "starts", "clients"),
    [
        ("dev", "on-demand", EarlyClients),
        ("local", "on-demand", Clients),
        ("dev", None, Clients),
        ("dev", "snap-start", Clients),
    ],
)
def test_clients_connect_at_once_where_lambda_starts_a_function_of_a_deployed_stage(
    runtime: Runtime[Settings],
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    starts: str | None,
    clients: type[Clients],
) -> None:
    monkeypatch.setenv("STAGE", stage)
    if starts:
        monkeypatch.setenv(TYPE, starts)

    made = start(type(runtime.settings)).clients

    assert type(made) is clients
    assert vars(made) == {}  # none is made before it is used


def test_a_missing_setting_is_named(
    runtime: Runtime[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABLE_NAME")

    with pytest.raises(ConfigurationInvalid, match=r": TABLE_NAME$"):
        start(type(runtime.settings))
