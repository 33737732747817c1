"""Every function can be wired from its environment, and names a missing variable."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.runtime.settings import FILE
from couponbus.usecases.polling.poll_redemptions import PollRedemptions
from tests.functions.invocation import FakeContext

ACCOUNT = {
    "name": "main",
    "base_url": "https://api-stage.coniq.com",
    "secret_id": "couponbus/test/coniq/main",
}
POLLED = {
    "name": "main",
    "secret_id": "couponbus/test/polled/main",
    "calls_per_second": 2,
    "calls_per_day": None,
    "max_interval_seconds": 172_800,
}
CALLBACKS = {
    "name": "main",
    "secret_id": "couponbus/test/callbacks/main",
    "tenant": "default",
    "promotion_field": "promotionId",
    "user_field": "userId",
}
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "STAGE": "dev",
    "TABLE_NAME": "ledger",
    "BUS_NAME": "bus",
    "NOTIFICATIONS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/notifications",
    "QUARANTINE_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/quarantine",
    "UNIDENTIFIED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/unidentified",
    "SIGNUPS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/sign-ups",
    "POLLS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/polls",
    "DELIVERIES_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/deliveries",
    "REDELIVERIES_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/redeliveries",
    "SIGN_UP_TENANTS": "{}",
    "PEPPER_SECRET_ID": "couponbus/test/pepper",
    "SIGN_UPS_SECRET_ID": "couponbus/test/sign-ups",
    "WEBHOOKS_SECRET_ID": "couponbus/test/webhooks",
    "PRODUCERS": json.dumps([{"name": "shop", "secret_id": "couponbus/test/sign-ups/shop"}]),
    "UNIQODO_CALLBACKS": json.dumps([CALLBACKS]),
    "CONIQ_ACCOUNTS": json.dumps([ACCOUNT]),
    "UNIQODO_ACCOUNTS": json.dumps([{**POLLED, "base_url": "https://api.uniqodo.com"}]),
    "KOUPON_ACCOUNTS": json.dumps([{**POLLED, "base_url": "https://consumer.kouponmedia.com"}]),
    "SETTLE_SECONDS": "600",
    "ANSWERED_SETTLE_SECONDS": "60",
    "BETWEEN_LOOK_UPS_SECONDS": "60",
    "POST_SECONDS": "30",
    "RESOLVE_FOR_SECONDS": "86400",
    "PUBLISH_GRACE_SECONDS": "60",
    "HANDOVER_SECONDS": "300",
}
OF_CONIQ = ("issue_barcodes", "audit_barcodes")
OF_THE_POLLED = ("schedule_polls", "poll_redemptions")
OF_WEBHOOKS = ("fan_out_webhooks", "deliver_webhooks")
# These process their whole input and get no deadline.
WITHOUT_DEADLINE = {"publish_events", "receive_callback"}
FUNCTIONS = (
    *OF_CONIQ,
    *OF_THE_POLLED,
    *OF_WEBHOOKS,
    "publish_events",
    "sweep_due",
    "receive_callback",
)
OPTIONAL = {"CLOCK_FILE", "ISSUANCE_DAYS"}


class Model(Protocol):
    model_fields: Mapping[str, object]

    def read(self, environment: Mapping[str, str]) -> object: ...


class Maker(Protocol):
    def __call__(self) -> object: ...
    def cache_clear(self) -> None: ...


class Wiring(Protocol):
    """A module `functions.<folder>.wiring`."""

    Settings: Model
    service: Maker


class Handler(Protocol):
    """The function that Lambda calls."""

    def __call__(self, event: object, context: FakeContext, *, service: object) -> object: ...


class DeadlineSeen(Exception):
    """The deadline that a service was given."""

    def __init__(self, deadline: datetime) -> None:
        super().__init__()
        self.deadline = deadline


class DeadlineReporter:
    """A service that only reports its deadline."""

    def handle(self, *_: object, deadline: datetime) -> object:
        raise DeadlineSeen(deadline)


def wiring_of(folder: str) -> Wiring:
    return cast("Wiring", import_module(f"functions.{folder}.wiring"))


def handler_of(folder: str) -> Handler:
    return cast("Handler", import_module(f"functions.{folder}.handler").handler)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    yield
    for folder in FUNCTIONS:
        wiring_of(folder).service.cache_clear()


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_a_full_environment_makes_the_service_without_a_single_call(folder: str) -> None:
    service = wiring_of(folder).service()

    assert type(service).__name__.lower() == folder.replace("_", "")


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_a_warm_invocation_finds_the_service_of_the_one_before(folder: str) -> None:
    wiring = wiring_of(folder)

    assert wiring.service() is wiring.service()


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_each_missing_setting_is_named(folder: str) -> None:
    settings = wiring_of(folder).Settings
    wanted = {name.upper() for name in settings.model_fields} - OPTIONAL

    for missing in wanted:
        rest = {name: value for name, value in ENVIRONMENT.items() if name != missing}
        with pytest.raises(ConfigurationInvalid, match=f": {missing}$"):
            settings.read(rest)


def test_a_retention_in_which_issuances_are_still_needed_is_refused() -> None:
    settings = wiring_of("publish_events").Settings

    with pytest.raises(ConfigurationInvalid, match="ISSUANCE_DAYS"):
        settings.read({**ENVIRONMENT, "ISSUANCE_DAYS": "399"})


@pytest.mark.parametrize("folder", OF_CONIQ)
def test_settings_beside_the_code_count_like_those_of_the_environment(
    folder: str, tmp_path: Path
) -> None:
    settings = wiring_of(folder).Settings
    filed = {name: ENVIRONMENT[name] for name in ("CONIQ_ACCOUNTS", "SIGN_UP_TENANTS")}
    left = {name: value for name, value in ENVIRONMENT.items() if name not in filed}
    (tmp_path / FILE).write_text(json.dumps(filed))

    read = settings.read({**left, "LAMBDA_TASK_ROOT": str(tmp_path)})

    assert read == settings.read(ENVIRONMENT)


def test_what_is_in_neither_environment_nor_file_is_named(tmp_path: Path) -> None:
    settings = wiring_of("issue_barcodes").Settings
    left = {name: value for name, value in ENVIRONMENT.items() if name != "CONIQ_ACCOUNTS"}
    (tmp_path / FILE).write_text("{}")

    for root in ({}, {"LAMBDA_TASK_ROOT": str(tmp_path)}):
        with pytest.raises(ConfigurationInvalid, match=r": CONIQ_ACCOUNTS$"):
            settings.read({**left, **root})


@pytest.mark.parametrize("folder", OF_CONIQ)
def test_accounts_that_are_not_as_they_should_be_are_named_but_not_shown(folder: str) -> None:
    accounts = json.dumps([{**ACCOUNT, "calls_per_second": "no-number-4711"}])

    with pytest.raises(ConfigurationInvalid, match="CONIQ_ACCOUNTS") as refused:
        wiring_of(folder).Settings.read({**ENVIRONMENT, "CONIQ_ACCOUNTS": accounts})

    assert "4711" not in str(refused.value)


def test_a_duration_that_is_no_number_is_named() -> None:
    settings = wiring_of("issue_barcodes").Settings

    with pytest.raises(ConfigurationInvalid, match=r": SETTLE_SECONDS$"):
        settings.read({**ENVIRONMENT, "SETTLE_SECONDS": "ten minutes"})


@pytest.mark.parametrize("folder", OF_CONIQ)
def test_a_stage_for_tests_refuses_production(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = json.dumps([{**ACCOUNT, "base_url": "https://api.coniq.com"}])
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts)

    with pytest.raises(ConfigurationInvalid, match="production"):
        wiring_of(folder).service()


@pytest.mark.parametrize("folder", OF_CONIQ)
def test_production_is_for_the_stage_of_that_name(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = json.dumps([{**ACCOUNT, "base_url": "https://api.coniq.com"}])
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts)
    monkeypatch.setenv("STAGE", "prod")

    assert wiring_of(folder).service()


@pytest.mark.parametrize("variable", ["UNIQODO_ACCOUNTS", "KOUPON_ACCOUNTS"])
@pytest.mark.parametrize("folder", OF_THE_POLLED)
def test_limits_that_are_not_as_they_should_be_are_named_but_not_shown(
    folder: str, variable: str
) -> None:
    given = json.loads(ENVIRONMENT[variable])
    accounts = json.dumps([{**given[0], "max_interval_seconds": "no-number-4711"}])

    with pytest.raises(ConfigurationInvalid, match=variable) as refused:
        wiring_of(folder).Settings.read({**ENVIRONMENT, variable: accounts})

    assert "4711" not in str(refused.value)


@pytest.mark.parametrize("folder", OF_THE_POLLED)
def test_an_unused_provider_needs_no_account(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUPON_ACCOUNTS", "[]")

    assert wiring_of(folder).service()


@pytest.mark.parametrize("variable", ["UNIQODO_ACCOUNTS", "KOUPON_ACCOUNTS"])
def test_a_poller_sends_no_key_in_plain_text_to_another_machine(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = json.dumps([{**POLLED, "base_url": "http://provider.example"}])
    monkeypatch.setenv(variable, accounts)

    with pytest.raises(ConfigurationInvalid, match="must start with https"):
        wiring_of("poll_redemptions").service()


@pytest.mark.parametrize("folder", FUNCTIONS)
def test_a_deployed_stage_refuses_a_clock_that_can_be_moved(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOCK_FILE", "clock")

    with pytest.raises(ConfigurationInvalid, match="only the stage local"):
        wiring_of(folder).service()


@pytest.mark.parametrize("folder", sorted({*FUNCTIONS} - WITHOUT_DEADLINE))
def test_a_deadline_is_given_by_the_clock_of_the_service(
    folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    moved = tmp_path / "clock"
    moved.write_text("604800")
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("CLOCK_FILE", str(moved))

    with pytest.raises(DeadlineSeen) as seen:
        handler_of(folder)({"Records": []}, FakeContext(), service=DeadlineReporter())

    ahead = seen.value.deadline - datetime.now(UTC)
    assert timedelta(days=6.99) < ahead < timedelta(days=7.01)


def test_the_poller_makes_what_carries_out_commands_with_the_first_of_them_and_keeps_it() -> None:
    poller = wiring_of("poll_redemptions").service()
    assert isinstance(poller, PollRedemptions)

    assert poller.requests() is poller.requests()
