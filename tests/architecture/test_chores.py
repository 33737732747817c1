"""One word per chore, and one of them is all of CI."""

import os
import re
import subprocess

from tests.architecture import tree
from tests.architecture.claims import targets

WORDS = {"help", "setup", "demo", "up", "test", "soak", "bench", "synth", "layers"}
WORDS |= {"events", "freeze"}


def make(*words: str) -> str:
    """Return what make would do, or says, without doing it."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = subprocess.run(
        ["make", *words],
        cwd=tree.ROOT,
        env={**environment, "SECONDS": "7"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_each_chore_has_its_word() -> None:
    assert targets() >= WORDS


def test_help_is_the_default_and_explains_each_chore() -> None:
    explained = re.findall(r"(?m)^  make ([a-z]+) +\w", make())

    assert set(explained) >= WORDS
    assert set(explained) <= targets()


def test_the_length_of_a_soak_comes_from_the_caller_and_never_from_a_shell() -> None:
    long, usual = make("-n", "soak", "SECONDS=300"), make("-n", "soak")

    for said, fuzz, run in ((long, 100, 200), (usual, 20, 40)):
        assert f"tests.fuzz.soak --seconds {fuzz} " in said
        assert f"tests.simulation.soak --seconds {run} " in said


def test_ci_runs_the_word_that_people_run() -> None:
    script = tree.ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert tree.text(script).rstrip().endswith("exec make test")


def test_make_test_runs_each_check() -> None:
    commands = make("-n", "test")

    for check in (
        "ruff format --check",
        "ruff check",
        "-m mypy",
        "lint-imports",
        "codespell",
        "events.generate --check",
        "-m pytest",
        "layers.build",
    ):
        assert check in commands
