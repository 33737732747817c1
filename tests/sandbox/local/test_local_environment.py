"""A process of the local stage gets only the variables that it needs from the caller."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from couponbus_sandbox.local.local_environment import KEPT, local_environment
from tests.architecture import tree
from tests.architecture.tree import ROOT
from tests.hostile_shell import FATAL_TO_PYTHON, OUR_COMMAND, SHELL, shadowed

WRONG = {**SHELL, **OUR_COMMAND, **FATAL_TO_PYTHON}


def become(
    *command: str, shell: Mapping[str, str], umask: int = -1
) -> subprocess.CompletedProcess[str]:
    """Run the Makefile's command prefix, in a shell of these variables."""
    return subprocess.run(
        [sys.executable, "-I", "-m", "couponbus_sandbox.local.local_environment", *command],
        cwd=ROOT,
        env=shell,
        umask=umask,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {"HOME"}))
def test_no_variable_that_misleads_a_process_is_kept(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, WRONG[name])

    assert local_environment().get(name) != WRONG[name]


def test_an_unknown_variable_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_LIBRARY_OF_TOMORROW", "wrong")

    assert "SOME_LIBRARY_OF_TOMORROW" not in local_environment()


def test_what_a_person_sees_and_where_programs_are_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = dict.fromkeys(KEPT, "any") | {"HOME": str(tmp_path)}
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert given.items() <= local_environment().items()


def test_what_the_tests_can_be_asked_for_reaches_them() -> None:
    tests = "\n".join(tree.text(path) for path in tree.python_files(tree.ROOT / "tests"))
    asked = set(re.findall(r'environ\.get\("(\w+_SEED|COUPONBUS_\w+|CI)"', tests))

    assert {"CI", "SIM_SEED", "COUPONBUS_EXAMPLES"} <= asked <= KEPT


def test_what_a_child_needs_beside_is_added() -> None:
    assert local_environment(CDK_OUTDIR="here")["CDK_OUTDIR"] == "here"


def test_a_home_that_cannot_be_used_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/nowhere/at-all")

    assert local_environment()["HOME"] == str(ROOT / ".couponbus" / "home")


def test_a_command_begins_in_a_shell_where_no_python_could(tmp_path: Path) -> None:
    shell = {**WRONG, **shadowed(tmp_path / "shadow"), "TMPDIR": "/nowhere"}

    done = become(
        sys.executable, "-c", "import os, boto3; print(os.environ['TMPDIR'])", shell=shell
    )

    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_dir()


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_files_are_readable_by_all_and_writable_by_their_owner(tmp_path: Path, umask: int) -> None:
    file = tmp_path / "file"

    become("touch", str(file), shell={"PATH": os.environ["PATH"]}, umask=umask)

    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_without_path_and_all_else_the_usual_places_are_searched() -> None:
    done = become("sh", "-c", "echo $PATH", shell={})

    assert done.stdout.strip() == os.defpath


@pytest.mark.parametrize(
    ("command", "said", "code"),
    [((), "usage: ", 2), (("no-such-command",), "no-such-command: No such file", 1)],
)
def test_what_cannot_begin_says_why(command: tuple[str, ...], said: str, code: int) -> None:
    done = become(*command, shell={"PATH": os.environ["PATH"]})

    assert (said in done.stderr, done.returncode) == (True, code)


def test_without_any_place_for_temporary_files_the_variable_to_set_is_named() -> None:
    # No file may grow, as on a full disk.
    begin = 'ulimit -f 0; exec "$0" -I -m couponbus_sandbox.local.local_environment true'

    done = subprocess.run(
        ["sh", "-c", begin, sys.executable],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "set TMPDIR to one" in done.stderr
    assert done.returncode == 1
