"""One make target per chore, and one of them is all of CI."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture import tree
from tests.architecture.claims import targets
from tests.hostile_shell import FATAL_TO_PYTHON, PYTHON, TOOLS

WORDS = {"help", "setup", "demo", "up", "quick", "unit", "test", "soak", "bench", "synth", "layers"}
WORDS |= {"events", "freeze", "aws-smoke"}


# One more target, which shows the environment of the Makefile's commands.
SHOW = "include Makefile\nshow:\n\t@env\n"


def make(*words: str, makefile: str | None = None, **shell: str) -> str:
    """Return the output of a dry run of make."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    run = subprocess.run(
        ["make", *words],
        cwd=tree.ROOT,
        env={**environment, "SECONDS": "7", **shell},
        input=makefile,
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
    explained = re.findall(r"(?m)^  make ([a-z-]+) +\w", make())

    assert set(explained) >= WORDS
    assert set(explained) <= targets()


def test_the_length_of_a_soak_comes_from_the_caller_and_never_from_a_shell() -> None:
    long, usual = make("-n", "soak", "SECONDS=300"), make("-n", "soak")

    for said, fuzz, run in ((long, 100, 200), (usual, 20, 40)):
        assert f"tests.fuzz.soak --seconds {fuzz} " in said
        assert f"tests.simulation.soak --seconds {run} " in said


def test_which_account_is_asked_comes_from_the_caller_and_never_from_a_shell() -> None:
    shell = {"NAME": "other", "ACCOUNT": "210987654321"}

    named = make("-n", "aws-smoke", "NAME=try", "ACCOUNT=123456789012", **shell)
    unnamed = make("-n", "aws-smoke", **shell)

    assert '-m tests.aws_smoke --name "try" --account "123456789012"\n' in named
    assert '-m tests.aws_smoke --name "" --account ""\n' in unnamed


def test_a_part_of_the_benchmarks_comes_from_the_caller_and_never_from_a_shell() -> None:
    assert "-m tests.benchmarks --only hot\n" in make("-n", "bench", "ONLY=hot")
    assert "--only" not in make("-n", "bench", ONLY="hot")


def test_installing_goes_by_the_callers_network_and_by_nothing_else_of_theirs() -> None:
    network = {
        "HTTPS_PROXY": "http://proxy.example:3128",
        "SSL_CERT_FILE": "/etc/authorities.pem",
        "UV_DEFAULT_INDEX": "https://index.example/simple",
        "UV_INDEX_SHOP_PASSWORD": "not-a-password",
        "UV_CACHE_DIR": "/caches/uv",
        "PIP_INDEX_URL": "https://index.example/simple",
    }
    wrong = {**FATAL_TO_PYTHON, **PYTHON, "PYTHONPATH": "/nowhere", "PIP_TARGET": "/nowhere"}
    wrong |= {name: value for name, value in TOOLS.items() if name.startswith("UV_")}

    shown = make("-f", "-", "show", makefile=SHOW, **network, **wrong)

    seen = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    assert network.items() <= seen.items()
    assert not wrong.keys() & seen.keys()


def test_without_a_home_the_installer_keeps_its_cache_in_the_clone() -> None:
    shown = make("-f", "-", "show", makefile=SHOW, HOME="/nowhere/at-all")

    assert f"UV_CACHE_DIR={tree.ROOT}/.uv/cache" in shown.splitlines()


def test_without_a_python_of_the_version_it_is_said_which_to_install(tmp_path: Path) -> None:
    for name in ("Makefile", ".python-version", "pyproject.toml", "requirements.txt"):
        shutil.copy(tree.ROOT / name, tmp_path)
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\n[ "$1" = --version ]\n')  # finds no interpreter
    uv.chmod(0o755)

    run = subprocess.run(
        ["make", "setup"],
        cwd=tmp_path,
        env={"PATH": f"{uv.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert "no Python 3.13 is on the PATH" in run.stderr
    assert run.returncode != 0


def test_no_variable_of_a_shell_takes_the_place_of_one_of_the_makefile() -> None:
    names = (
        "PYTHON",
        "UV",
        "LOCAL",
        "READY",
        "ENGINE",
        "CHECKS",
        "WORKERS",
        "SECONDS",
        "FILES",
        "ONLY",
    )

    said = make("-e", "-n", "up", "soak", "quick", "bench", **dict.fromkeys(names, "wrong"))

    assert "wrong" not in said
    assert (
        "couponbus_sandbox.local.local_environment .venv/bin/python -m couponbus_sandbox.local.up"
        in said
    )


@pytest.mark.parametrize(
    "word", ["demo", "up", "quick", "unit", "soak", "bench", "wheel", "events", "check", "tests"]
)
def test_each_command_runs_in_an_environment_of_its_own(word: str) -> None:
    lines = [line for line in make("-n", word).splitlines() if ".venv/bin/" in line]
    own = [line for line in lines if "layers.build" not in line and "uv " not in line]

    assert own
    assert [
        line for line in own if "-I -m couponbus_sandbox.local.local_environment" not in line
    ] == []


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


def test_the_tools_of_a_deployment_are_pinned_by_hash() -> None:
    uv = (tree.ROOT / "requirements-uv.txt").read_text(encoding="utf-8")
    makefile = (tree.ROOT / "Makefile").read_text(encoding="utf-8")
    guides = [
        (tree.ROOT / page).read_text(encoding="utf-8")
        for page in ("infra/README.md", "docs/deploy.md")
    ]
    version, sha512 = (
        re.findall(rf"(?m)^override CDK_{name} := (\S+)$", makefile)
        for name in ("VERSION", "SHA512")
    )

    assert uv.startswith("uv==")
    assert "--hash=sha256:" in uv
    assert "--require-hashes --requirement requirements-uv.txt" in makefile
    assert len(re.findall(r"^override CDK_SHA512 := [\w+/]{86}==$", makefile, re.MULTILINE)) == 1
    assert "npx" not in makefile + "".join(guides)
    assert all(version[0] in guide for guide in guides)
    assert sha512[0] in guides[1]
