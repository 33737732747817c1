"""What a function is given and what it asks for are the same, name by name."""

import importlib
import json

import pytest

from tests.infra.assembly import Assembly
from tests.infra.project import FUNCTIONS

ACCOUNT = {
    "name",
    "base_url",
    "secret_id",
    "calls_per_second",
    "batch_max",
    "batch_envelope",
    "lookup",
    "item_errors_trusted",
}


def own_variables(assembly: Assembly, function: str) -> dict[str, str]:
    """Return the environment in words, without what Powertools reads by itself."""
    variables = assembly.functions[function].properties["Environment"]["Variables"]
    return {
        name: assembly.words(value, "workers")
        for name, value in variables.items()
        if not name.startswith("POWERTOOLS_") and name != "LOG_LEVEL"
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_environment_has_exactly_the_fields_of_the_settings(
    function: str, dev: Assembly
) -> None:
    settings = importlib.import_module(f"functions.{function}.wiring").Settings

    assert set(own_variables(dev, function)) == {name.upper() for name in settings.model_fields}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_settings_accept_what_the_template_gives(function: str, dev: Assembly) -> None:
    settings = importlib.import_module(f"functions.{function}.wiring").Settings
    given = own_variables(dev, function)

    read = settings.model_validate({name.lower(): value for name, value in given.items()})

    assert read.stage == "dev"


@pytest.mark.parametrize("function", ["issue_barcodes", "audit_barcodes"])
def test_an_account_is_described_completely(function: str, dev: Assembly) -> None:
    (account,) = json.loads(own_variables(dev, function)["CONIQ_ACCOUNTS"])

    assert set(account) == ACCOUNT
    assert account["batch_envelope"] is None


def test_every_function_knows_its_stage_and_its_table(dev: Assembly) -> None:
    for function in FUNCTIONS:
        variables = own_variables(dev, function)
        assert variables["STAGE"] == "dev"
        assert variables["TABLE_NAME"] == "Table couponbus-dev"
