"""Each function has its own code, role, logs and alias."""

import json
import re
from datetime import timedelta

import boto3

from couponbus_cli.app.stage import Stage, Target
from couponbus_cli.logs.log_groups import kept_of
from infra.functions import FUNCTIONS as DECLARED
from infra.sources import ROOT
from tests.infra.assembly import Assembly
from tests.infra.project import FUNCTIONS

# Parts of the name that a variable would have if it held a secret instead of naming one.
SECRETIVE = re.compile(r"KEY|TOKEN|PASSWORD|PEPPER(?!_SECRET_ID)|SECRET(?!_ID)", re.IGNORECASE)


def test_these_functions_are_deployed_and_no_others(dev: Assembly) -> None:
    assert set(dev.functions) == set(FUNCTIONS)


def test_each_function_is_described_in_a_module_of_its_name() -> None:
    modules = {path.stem for path in (ROOT / "infra" / "functions").glob("*.py")}

    assert modules - {"__init__"} == {each.name for each in DECLARED}


def test_folder_handler_and_service_name_are_the_same_word(dev: Assembly) -> None:
    for name, function in dev.functions.items():
        variables = function.properties["Environment"]["Variables"]
        assert function.properties["Handler"] == f"functions.{name}.handler.handler"
        assert variables["POWERTOOLS_SERVICE_NAME"] == name
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "couponbus"


def test_all_functions_run_the_python_that_the_tests_run(dev: Assembly) -> None:
    version = (ROOT / ".python-version").read_text().strip()

    assert {each.properties["Runtime"] for each in dev.functions.values()} == {f"python{version}"}


def test_functions_and_vendor_layer_are_for_one_cpu(dev: Assembly, local: Assembly) -> None:
    for assembly in (dev, local):
        (vendor,) = [
            each
            for each in assembly.of("AWS::Lambda::LayerVersion")
            if "CompatibleArchitectures" in each.properties
        ]
        cpus = {tuple(each.properties["Architectures"]) for each in assembly.functions.values()}
        assert cpus == {tuple(vendor.properties["CompatibleArchitectures"])} == {("arm64",)}


def test_no_function_shares_its_role(dev: Assembly) -> None:
    roles = [dev.words(each.properties["Role"], each.stack) for each in dev.functions.values()]

    assert len(set(roles)) == len(FUNCTIONS)


def test_logs_are_kept_for_a_limited_time_because_aws_never_deletes_them(
    dev: Assembly, prod: Assembly
) -> None:
    for assembly, days in ((dev, 14), (prod, 30)):
        groups = assembly.of("AWS::Logs::LogGroup")
        assert {each.properties["RetentionInDays"] for each in groups} == {days}
        used = {
            assembly.words(each.properties["LoggingConfig"]["LogGroup"], each.stack)
            for each in assembly.functions.values()
        }
        of_the_api = f"LogGroup /aws/vendedlogs/couponbus-{assembly.stage}-callbacks"
        assert {*used, of_the_api} == {each.label for each in groups}
        stage = Stage(assembly.stage, log_days=days)
        assert kept_of(stage) == timedelta(days=days)  # `couponbus logs` says what is gone
        named = Target(stage=stage, session=boto3.Session()).log_group
        assert used == {f"LogGroup {named(name)}" for name in FUNCTIONS}


def test_everything_calls_the_alias_so_that_code_and_layers_change_together(
    dev: Assembly,
) -> None:
    mapped = [each.properties["FunctionName"] for each in dev.of("AWS::Lambda::EventSourceMapping")]
    scheduled = [each.properties["Target"]["Arn"] for each in dev.of("AWS::Scheduler::Schedule")]
    over_http = [
        each.properties["IntegrationUri"] for each in dev.of("AWS::ApiGatewayV2::Integration")
    ]
    called = [dev.worker(each, "workers") for each in (*mapped, *scheduled, *over_http)]

    assert {each.id for each in called} == {each.id for each in dev.functions.values()}
    assert all(dev.words(each, "workers").endswith(":live") for each in mapped)
    assert {each.properties["Name"] for each in dev.of("AWS::Lambda::Alias")} == {"live"}


def test_no_environment_holds_a_secret_because_listing_functions_shows_it(
    dev: Assembly,
) -> None:
    for function in dev.functions.values():
        variables = function.properties["Environment"]["Variables"]
        assert [name for name in variables if SECRETIVE.search(name)] == []
        assert "resolve:secretsmanager" not in str(variables)
        assert variables["POWERTOOLS_LOGGER_LOG_EVENT"] == "false"


def test_the_environment_has_the_arns_of_secrets_and_the_file_their_names(dev: Assembly) -> None:
    settings = dev.settings("issue_barcodes")

    assert settings["PEPPER_SECRET_ID"] == "Secret couponbus/dev/pepper"
    [account] = json.loads(settings["CONIQ_ACCOUNTS"])
    assert account["secret_id"] == "couponbus/dev/coniq/main"
    secrets = dev.by_name("AWS::SecretsManager::Secret")
    assert account["secret_id"] in secrets


def test_no_function_reserves_concurrency_because_a_new_account_has_only_ten(
    dev: Assembly,
) -> None:
    reserved = [
        name
        for name, each in dev.functions.items()
        if "ReservedConcurrentExecutions" in each.properties
    ]

    assert reserved == []
