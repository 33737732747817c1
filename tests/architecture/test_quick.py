"""`make quick` runs the tests that a change can reach, and reports what it cannot judge."""

from functools import cache

import grimp
import pytest

from tests import quick
from tests.architecture import tree
from tests.quick import Reached, module_of

SHARED = "layers/shared/python/couponbus"


@cache
def graph() -> grimp.ImportGraph:
    return quick.built_graph()


def reached_by(*files: str) -> Reached:
    return quick.reached_by(files, graph())


def test_the_tests_of_a_module_and_of_what_imports_it_are_run() -> None:
    reached = reached_by(f"{SHARED}/usecases/webhooks/fan_out_webhooks.py")

    assert "tests/unit/usecases/webhooks/test_fan_out_webhooks.py" in reached.files
    assert "tests/functions/test_fan_out_webhooks.py" in reached.files
    assert "tests/unit/domain/test_row.py" not in reached.files
    assert "tests/simulation" in reached.left_out
    assert reached.doubts == ()


def test_a_test_that_changed_is_run_wherever_it_is() -> None:
    reached = reached_by("tests/e2e/test_issuing.py", "tests/unit/domain/test_row.py")

    assert reached.files == ("tests/e2e/test_issuing.py", "tests/unit/domain/test_row.py")


def test_what_a_conftest_gives_reaches_its_folder() -> None:
    reached = reached_by("tests/functions/invocation.py")

    folder = (tree.ROOT / "tests" / "functions").glob("test_*.py")
    assert {tree.name(path) for path in folder} <= set(reached.files)


def test_a_command_that_is_imported_when_it_is_called_is_reached() -> None:
    reached = reached_by("couponbus_cli/redrive/command.py")

    assert "tests/unit/cli/redrive/test_redrive.py" in reached.files


def test_infra_is_judged_by_its_own_tests() -> None:
    reached = reached_by("infra/guardrails.py")

    assert "tests/infra/test_guardrails.py" in reached.files
    assert reached.doubts == ()


@pytest.mark.parametrize(
    ("file", "doubt"),
    [
        ("Makefile", "Makefile is no module: make test"),
        ("infra/README.md", "infra/README.md is no module: make test"),
        ("functions/gone/handler.py", "functions/gone/handler.py is no module: make test"),
        (f"{SHARED}/domain/row.py", "test files are reached: make unit, or make test"),
        ("tests/conftest.py", "test files are reached: make unit, or make test"),
        (
            "couponbus_sandbox/engine/launcher.py",
            "no test imports couponbus_sandbox.engine.launcher",
        ),
    ],
)
def test_it_says_where_it_cannot_judge(file: str, doubt: str) -> None:
    (said,) = reached_by(file).doubts

    assert doubt in said


def test_most_modules_of_the_product_can_be_judged() -> None:
    files = [
        tree.name(path)
        for path in tree.python_files(tree.COUPONBUS, tree.ROOT / "functions")
        if path.name != "__init__.py"
    ]

    judged = [file for file in files if not reached_by(file).doubts]

    assert len(judged) > len(files) / 2


def test_a_doubt_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert quick.main(["Makefile"]) == quick.CANNOT_JUDGE

    assert capsys.readouterr().out == "cannot judge: Makefile is no module: make test\n"


def test_a_file_is_known_by_the_name_under_which_it_is_imported() -> None:
    assert module_of(f"{SHARED}/domain/row.py") == "couponbus.domain.row"
    assert module_of("couponbus_cli/app/__init__.py") == "couponbus_cli.app"
    assert module_of("functions/sweep_due/handler.py") == "functions.sweep_due.handler"
    assert module_of("events/asyncapi.json") == ""
