"""The wheel: its contents, and that its command runs with only its own dependencies installed.

It is installed into a virtual environment, as pipx does it. A test has loopback only, so the
installer gets the wheel alone (`--no-deps`). The packages that the wheel requires, directly or
not, are linked one by one from the test environment; nothing else of it is visible.
"""

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from couponbus_sandbox.local.local_environment import local_environment
from tests.architecture import tree

KEY = "test-key-not-real"
SAMPLE = tree.ROOT / "couponbus_cli" / "samples" / "programs.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment with the wheel in it."""

    folder: Path

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)

    def run(self, name: str, *arguments: str, **variables: str) -> Ended:
        return ended([self.program(name), *arguments], folder=self.folder, **variables)


def ended(command: list[str], *, folder: Path, **variables: str) -> Ended:
    done = subprocess.run(
        command,
        cwd=folder,
        env=local_environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    assert ended(build, folder=tree.ROOT).code == 0
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return installed(wheel, tmp_path_factory.mktemp("command"))


def installed(wheel: Path, folder: Path) -> Environment:
    python = f"--python={folder}"
    installing(folder, "venv", "--no-project", "--python", sys.executable, str(folder))
    installing(folder, "pip", "install", python, "--no-deps", str(wheel))
    (metadata,) = folder.glob("lib/python*/site-packages/couponbus-*.dist-info")
    for needed in needs(Distribution.at(metadata)).values():
        link(needed, site=metadata.parent)
    installing(folder, "pip", "check", python)
    return Environment(folder=folder)


def installing(folder: Path, *arguments: str) -> None:
    uv = shutil.which("uv") or str(tree.ROOT / ".uv" / "bin" / "uv")
    done = ended([uv, "--offline", *arguments], folder=folder)
    assert done.code == 0, done.err


def needs(wanting: Distribution, *, extra: str = "") -> dict[str, Distribution]:
    """Return the names of all direct and indirect dependencies."""
    found: dict[str, Distribution] = {}
    for requirement in map(Requirement, wanting.requires or ()):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            needed = distribution(requirement.name)
            found[needed.name] = needed
            for more in requirement.extras or {""}:
                found |= needs(needed, extra=more)
    return found


def link(package: Distribution, *, site: Path) -> None:
    for top in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        there = Path(str(package.locate_file(top)))
        # The installer's own check does not follow a link to a package's metadata.
        if top.endswith(".dist-info"):
            shutil.copytree(there, site / top)
        else:
            (site / top).symlink_to(there)


@contextmanager
def simulated_coniq(command: Environment) -> Iterator[str]:
    """Run the simulator of the wheel, and yield its URL."""
    process = subprocess.Popen(
        [command.program("python"), "-m", "couponbus_sandbox", "coniq", "--api-key", KEY],
        cwd=command.folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_it_brings_four_packages_and_no_name_that_another_project_may_have(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}

    (metadata,) = (name for name in tops if name.endswith(".dist-info"))
    assert tops == {"couponbus", "couponbus_cli", "couponbus_config", "couponbus_sandbox", metadata}


def test_the_command_tells_what_it_can_do(command: Environment) -> None:
    said = command.run("couponbus", "--help")

    assert (said.code, said.err) == (0, "")
    assert all(word in said.out for word in ("programs", "status", "why", "probe"))


def test_the_page_is_whole_where_the_wheel_is_installed(command: Environment) -> None:
    code = "from couponbus_cli.page import drawing as d; print(d.refusal(), d.asset(d.SCRIPT))"

    drawn = command.run("python", "-c", code)

    assert drawn.code == 0, drawn.err
    assert "This page needs its key" in drawn.out
    assert '"use strict"' in drawn.out


def test_it_reads_a_file_of_programs_without_any_access_to_aws(
    command: Environment, tmp_path: Path
) -> None:
    broken = tmp_path / "programs.yaml"
    broken.write_text("programs:\n  - name: 7\n")

    refused = command.run("couponbus", "programs", "apply", str(broken))
    read = command.run("couponbus", "programs", "apply", str(SAMPLE))

    assert refused.code == 1
    assert "programs.yaml:2" in refused.err
    assert read.code == 3
    assert "the local stage is not up" in read.err


def test_the_simulators_say_which_there_are(command: Environment) -> None:
    said = command.run("python", "-m", "couponbus_sandbox", "--help")

    assert (said.code, said.err) == (0, "")
    assert all(name in said.out for name in ("coniq", "koupon", "uniqodo"))


def test_the_command_asks_the_simulator_of_the_same_wheel(command: Environment) -> None:
    with simulated_coniq(command) as url:
        asking = ("probe", "coniq", "--customer-id", "7", "--offer-id", "101", "--pace", "1000")
        said = command.run("couponbus", *asking, "--base-url", url, COUPONBUS_CONIQ_API_KEY=KEY)

    assert said.code == 0, said.out + said.err
    assert KEY not in said.out + said.err
