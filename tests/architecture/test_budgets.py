"""Budgets of a cold start, each handler in a fresh interpreter that sees what Lambda gives it."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from layers import build, own, platforms, zips
from tests.architecture import tree
from tests.functions.test_wiring import ENVIRONMENT

# Most are not our own: they come with botocore, pydantic and requests.
MODULES = {
    "audit_barcodes": 670,
    "deliver_webhooks": 675,
    "fan_out_webhooks": 550,
    "issue_barcodes": 715,
    "poll_redemptions": 705,
    "publish_events": 520,
    "receive_callback": 550,
    "schedule_polls": 540,
    "sweep_due": 555,
}
ZIP_BYTES = 8_000
SHARED_ZIP_BYTES = (
    1_600_000  # three providers, issuing, polling and webhooks; two thirds are byte code
)

NONE: Mapping[str, str] = {}
# In a deployed stage clients connect at once: `tests/unit/runtime/test_start.py`.
IN_LAMBDA = {**ENVIRONMENT, "STAGE": "local", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
# In the process of a function: which were made, and whether garbage is looked for.
STARTED = """
from importlib import import_module
for name in {names}:
    import_module(f"functions.{{name}}.handler")
    import gc
    assert gc.isenabled() and gc.get_freeze_count()
    {then}
gc.unfreeze()
"""
MADE = 'assert sys.modules[f"functions.{name}.wiring"].service.cache_info().currsize == 1'
REFUSED = """
    from couponbus.domain.errors import ConfigurationInvalid
    try:
        sys.modules[f"functions.{name}.wiring"].service()
    except ConfigurationInvalid as refused:
        assert "TABLE_NAME" in str(refused)
    else:
        raise AssertionError(name)
"""

PROBE = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
made, opened = [], []
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        opened.append(event)
sys.addaudithook(note)
exec(sys.argv[2])
import botocore.client
import gc
clients = [type(each).__name__ for each in gc.get_objects()
           if isinstance(each, botocore.client.BaseClient)]
print(json.dumps({"modules": sorted(sys.modules), "clients": clients, "opened": opened}))
"""


def fresh_process(
    statements: str, *path: Path, environment: Mapping[str, str] = NONE
) -> dict[str, object]:
    """Run statements in a bare interpreter that sees only the folders of `path`."""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", PROBE, json.dumps([*map(str, path)]), statements],
        env={
            "PATH": "",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, object] = json.loads(run.stdout)
    return found


@cache
def start(folder: str) -> dict[str, object]:
    """Import a handler with its zip and the two layers, as in Lambda."""
    function = own.function(tree.ROOT, folder)
    return fresh_process(f"import functions.{folder}.handler", function, *both_layers())


def both_layers() -> Sequence[Path]:
    vendor = build.BUILD / platforms.host() / "python"
    assert vendor.is_dir(), "the vendor layer is missing: run `make layers`"
    return own.shared_layer(tree.ROOT) / "python", vendor


def listed(found: dict[str, object], name: str) -> list[str]:
    value = found[name]
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize("folder", sorted(MODULES))
def test_a_handler_imports_no_more_modules_than_its_budget(folder: str) -> None:
    modules = listed(start(folder), "modules")

    assert f"functions.{folder}.handler" in modules
    assert MODULES[folder] * 0.8 < len(modules) <= MODULES[folder]


@pytest.mark.parametrize("folder", sorted(MODULES))
def test_a_handler_imports_neither_boto3_nor_a_tracer_nor_what_only_development_needs(
    folder: str,
) -> None:
    packages = {module.partition(".")[0] for module in listed(start(folder), "modules")}

    assert "couponbus" in packages
    assert not packages & {
        "aws_xray_sdk",
        "boto3",
        "s3transfer",
        "multiprocessing",
        "moto",
        "pytest",
        "couponbus_sandbox",
        "couponbus_cli",
        "infra",
        "events",
    }


@pytest.mark.parametrize("folder", sorted(MODULES))
def test_importing_a_handler_makes_no_client_and_opens_no_connection(folder: str) -> None:
    seen = start(folder)

    assert listed(seen, "clients") == []
    assert listed(seen, "opened") == []


def test_in_lambda_each_service_is_made_before_the_first_event_and_makes_no_call() -> None:
    seen = fresh_process(started(MADE), *all_zips(), environment=IN_LAMBDA)

    assert {"DynamoDB", "EventBridge", "SQS", "SecretsManager"} == {*listed(seen, "clients")}
    assert listed(seen, "opened") == []


def test_in_lambda_a_setting_that_is_missing_is_named_by_the_event() -> None:
    missing = {name: value for name, value in IN_LAMBDA.items() if name != "TABLE_NAME"}

    assert listed(fresh_process(started(REFUSED), *all_zips(), environment=missing), "modules")


def started(then: str) -> str:
    """Return statements that import all handlers, and do something with each."""
    return STARTED.format(names=sorted(MODULES), then=then.strip())


def all_zips() -> Sequence[Path]:
    return [*(own.function(tree.ROOT, name) for name in sorted(MODULES)), *both_layers()]


def test_the_probe_sees_a_client_when_there_is_one() -> None:
    seen = fresh_process(
        "from couponbus.aws.clients import Clients; kept = Clients().sqs", *both_layers()
    )

    assert listed(seen, "clients") == ["SQS"]


def test_each_function_has_a_budget() -> None:
    assert [folder.name for folder in tree.function_folders()] == sorted(MODULES)


@pytest.mark.parametrize("folder", sorted(MODULES))
def test_the_zip_of_a_function_holds_little_more_than_its_handler(folder: str) -> None:
    assert 500 < zipped(own.function(tree.ROOT, folder)) <= ZIP_BYTES


def test_the_zip_of_the_shared_layer_is_small() -> None:
    assert 10_000 < zipped(own.shared_layer(tree.ROOT)) <= SHARED_ZIP_BYTES


def zipped(folder: Path) -> int:
    """Return the bytes of a zip of the folder, as a deployment uploads it."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in zips.files_of(folder):
            archive.write(path, path.relative_to(folder))
    return len(memory.getvalue())
