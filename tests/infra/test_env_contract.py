"""The settings that a function is given and its Settings have the same names."""

import importlib
import json
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import cast

import pytest

from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.uniqodo.account import UniqodoAccount
from infra.declared import StageResources
from infra.ledger_rights import RIGHTS, rows
from infra.settings import issuance_days
from tests.infra.assembly import Assembly
from tests.infra.project import FUNCTIONS
from tests.infra.stages import STAGES

OF_CONIQ = ["issue_barcodes", "audit_barcodes"]
OF_THE_POLLED = ["schedule_polls", "poll_redemptions"]
# Only a stage on this machine has one.
OPTIONAL = {"CLOCK_FILE"}
# Only a stage that does not keep issuances for ever has it.
WHERE_SET = {"ISSUANCE_DAYS"}
WRITERS_OF_ISSUANCES = {
    name for name, rights in RIGHTS.items() if {*rows("ISSUANCE")} <= {*rights.writes}
}
ACCOUNT = {
    "name",
    "base_url",
    "secret_id",
    "calls_per_second",
    "batch_max",
    "batch_envelope",
    "lookup",
    "item_errors_trusted",
    "absence_status",
    "brake_share",
    "brake_items",
    "brake_answers",
}


LIMITS = {"calls_per_second", "calls_per_day", "max_interval_seconds"}
POLLED_ACCOUNTS = {
    "UNIQODO_ACCOUNTS": {"name", "base_url", "secret_id", "prefix", "zone", *LIMITS},
    "KOUPON_ACCOUNTS": {
        *("name", "base_url", "secret_id", "timezone", "skew_seconds", "adult_offers"),
        *LIMITS,
    },
}


def own_variables(assembly: Assembly, function: str) -> dict[str, str]:
    """Return the settings as text, without the variables that Powertools reads."""
    return {
        name: value
        for name, value in assembly.settings(function).items()
        if not name.startswith("POWERTOOLS_") and name != "LOG_LEVEL"
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_and_file_have_exactly_the_fields_of_the_settings(
    function: str, dev: Assembly, local: Assembly
) -> None:
    settings = importlib.import_module(f"functions.{function}.wiring").Settings
    names = {name.upper() for name in settings.model_fields} - WHERE_SET

    assert set(own_variables(local, function)) == names
    assert set(own_variables(dev, function)) == names - OPTIONAL


def test_each_function_that_writes_issuances_knows_how_long_they_are_kept(
    dev: Assembly,
) -> None:
    stage = replace(STAGES["dev"], issuance_days=400)
    given = issuance_days(cast("StageResources", SimpleNamespace(stage=stage)))

    declared = {
        name
        for name in FUNCTIONS
        if issuance_days in importlib.import_module(f"infra.functions.{name}").FUNCTION.settings
    }

    assert declared == WRITERS_OF_ISSUANCES
    for name in declared:
        settings = importlib.import_module(f"functions.{name}.wiring").Settings
        assert settings.read({**own_variables(dev, name), **given}).issuance_days == 400


@pytest.mark.parametrize("stage", ["dev", "prod", "local"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_settings_accept_what_the_template_gives(
    function: str, stage: str, request: pytest.FixtureRequest
) -> None:
    settings = importlib.import_module(f"functions.{function}.wiring").Settings
    given = own_variables(request.getfixturevalue(stage), function)

    assert settings.read(given).stage == stage


@pytest.mark.parametrize("function", OF_CONIQ)
def test_an_account_is_described_completely(function: str, dev: Assembly) -> None:
    (account,) = json.loads(own_variables(dev, function)["CONIQ_ACCOUNTS"])

    assert set(account) == ACCOUNT
    assert account["batch_envelope"] is None


@pytest.mark.parametrize("variable", POLLED_ACCOUNTS)
@pytest.mark.parametrize("function", OF_THE_POLLED)
def test_a_polled_account_is_described_completely(
    function: str, variable: str, dev: Assembly
) -> None:
    (account,) = json.loads(own_variables(dev, function)[variable])

    assert set(account) == POLLED_ACCOUNTS[variable]
    provider = variable.partition("_")[0].lower()
    assert account["secret_id"] == f"couponbus/dev/{provider}/main"
    assert (account["max_interval_seconds"], account["calls_per_day"]) == (48 * 3600, None)


def test_the_template_has_each_setting_of_an_account_that_its_client_takes() -> None:
    # The code sets these; an operator would not.
    kept_from_operators = {"error_kinds", "date_style", "ids_per_call"}

    for variable, client in (
        ("UNIQODO_ACCOUNTS", UniqodoAccount),
        ("KOUPON_ACCOUNTS", KouponAccount),
    ):
        taken = {each.name for each in fields(client)} - kept_from_operators
        assert taken == POLLED_ACCOUNTS[variable]


def test_every_function_knows_its_stage_and_its_table(dev: Assembly) -> None:
    for function in FUNCTIONS:
        variables = own_variables(dev, function)
        assert variables["STAGE"] == "dev"
        assert variables["TABLE_NAME"] == "Table couponbus-dev"
