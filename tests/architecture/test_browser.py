"""Where no browser is installed, the tests of the page are left out by name; in CI they fail."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from couponbus_sandbox.local.local_environment import local_environment
from tests.architecture import tree
from tests.browser import chromium

TESTS = tree.ROOT / "tests"
WANTED = "test_a_broken_rule_is_found"


def collected(**variables: str) -> subprocess.CompletedProcess[str]:
    """Run all tests but those of other folders, and one of the page, without Chromium.

    What is named by its own path is collected even where it would be left out.
    """
    others = [path for path in TESTS.iterdir() if path.is_dir() and path.name != "browser"]
    environment = {name: each for name, each in local_environment().items() if name != "CI"}
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *("tests", "-k", WANTED),
            *(f"--ignore={path}" for path in others),
        ],
        cwd=tree.ROOT,
        env={**environment, "PATH": "/nowhere", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_without_a_browser_its_tests_are_left_out_in_a_line() -> None:
    run = collected()

    assert [line for line in run.stdout.splitlines() if line.startswith("left out")] == [
        "left out: tests/browser/: no Chromium is on the PATH: install it (Debian: apt-get install"
        " chromium)"
    ]
    assert run.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "collected 0 items" in run.stdout


@pytest.mark.slow
def test_in_ci_a_browser_that_is_missing_is_a_failure() -> None:
    run = collected(CI="true")

    assert run.returncode == 1
    assert "1 error" in run.stdout
    assert "apt-get install chromium" in run.stdout


def test_the_browser_is_found_by_its_usual_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    none = chromium.chromium()
    shutil.copy("/bin/sh", tmp_path / "chromium-browser")

    assert none is None
    assert chromium.chromium() == str(tmp_path / "chromium-browser")
