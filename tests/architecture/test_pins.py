"""One version of Python and of each package, wherever it is written down."""

import re
import tomllib

from layers import trim, zips
from tests.architecture import tree

PROJECT = tomllib.loads(tree.text(tree.ROOT / "pyproject.toml"))
PYTHON = tree.text(tree.ROOT / ".python-version").strip()
# What `couponbus_cli` imports and no function does: pyproject.toml forbids it to the functions.
OF_THE_COMMAND = {"jinja2", "pyyaml", "rich", "starlette", "typer", "uvicorn"}


def pins(name: str) -> dict[str, str]:
    """Return package -> version of a requirement file."""
    found = re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", tree.text(tree.ROOT / name))
    return dict(found)


def test_tools_lambda_and_the_layer_run_the_same_python() -> None:
    infra = "\n".join(tree.text(path) for path in tree.python_files(tree.ROOT / "infra"))

    assert set(re.findall(r"PYTHON_3_\d+", infra)) == {f"PYTHON_{PYTHON.replace('.', '_')}"}
    assert zips.RUNTIME == PYTHON
    assert PROJECT["project"]["requires-python"].startswith(f">={PYTHON},")
    assert PROJECT["tool"]["mypy"]["python_version"] == PYTHON
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{PYTHON.replace('.', '')}"


def test_the_vendor_layer_asks_for_what_the_tests_run() -> None:
    asked = tree.text(tree.ROOT / "layers" / "vendor" / "requirements.in").splitlines()

    assert [line for line in asked if not line.startswith("#")] == sorted(
        pin
        for pin in PROJECT["project"]["dependencies"]
        if pin.partition("==")[0] not in OF_THE_COMMAND
    )


def test_the_wheel_asks_for_the_versions_that_the_tests_run() -> None:
    project, tools = PROJECT["project"], pins("requirements.txt")
    asked = [*project["dependencies"], *project["optional-dependencies"]["deploy"]]

    assert {name: tools.get(name) for name, _, _ in (pin.partition("==") for pin in asked)} == {
        name: version for name, _, version in (pin.partition("==") for pin in asked)
    }


def test_the_installer_of_a_wheel_is_the_one_of_a_clone() -> None:
    deploy = PROJECT["project"]["optional-dependencies"]["deploy"]

    assert set(deploy) <= {*PROJECT["dependency-groups"]["infra"]}
    assert f"uv=={pins('requirements-uv.txt')['uv']}" in deploy


def test_the_vendor_layer_is_locked_to_the_versions_that_the_tests_run() -> None:
    layer, tools = pins("layers/vendor/requirements.txt"), pins("requirements.txt")

    assert layer
    assert {name: tools.get(name) for name in layer} == layer


def test_what_drives_a_browser_is_installed_beside_the_versions_that_the_tests_run() -> None:
    tools, browser = pins("requirements.txt"), pins("tests/browser/requirements.txt")

    assert {"playwright", "axe-playwright-python"} <= browser.keys()
    assert "playwright" not in tools  # it has no wheel for musl
    assert {name: tools.get(name, version) for name, version in browser.items()} == browser


def test_the_engine_has_its_exact_pin_and_nothing_of_the_vendor_layer_but_boto3() -> None:
    engine = pins("couponbus_sandbox/requirements.txt")

    assert engine["ministack"] == "1.5.33"
    assert not {"aws-lambda-powertools", "pydantic", "requests", "typing-extensions"} & set(engine)


def test_the_second_engine_has_its_exact_pin_and_needs_no_package_that_must_be_built() -> None:
    second = pins("tests/second_engine/requirements.txt")

    assert second["localstack-core"] == "4.14.0"
    assert not {"airspeed-ext", "crontab", "kclpy-ext"} & set(second)  # none has a wheel


def test_the_layer_keeps_the_data_of_each_client_that_a_function_makes() -> None:
    runtime = "\n".join(tree.text(path) for path in tree.python_files(tree.COUPONBUS / "aws"))
    wiring = "\n".join(tree.text(path) for path in tree.python_files(tree.ROOT / "functions"))

    clients = set(re.findall(r"""client\(\s*["']([a-z0-9-]+)["']""", runtime + wiring))

    assert {"dynamodb", "events"} <= clients <= set(trim.SERVICES)


def test_mypy_reads_the_parts_of_the_cdk_that_are_used() -> None:
    code = "\n".join(tree.text(path) for path in tree.python_files(tree.ROOT))
    used = set(re.findall(r"from aws_cdk import (aws_[a-z0-9_]+)", code))
    used |= set(re.findall(r"from aws_cdk\.([a-z0-9_]+) import", code))

    overrides = PROJECT["tool"]["mypy"]["overrides"]
    (read,) = (one["module"] for one in overrides if one.get("follow_imports") == "normal")

    assert {name for name in read if name != "aws_cdk"} == {f"aws_cdk.{name}" for name in used}
