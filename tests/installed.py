"""The wheel in a virtual environment of its own, as pipx installs it.

A test has loopback only, so the installer gets the wheel alone (`--no-deps`). The packages that the
wheel requires, directly or not, are linked one by one from the test environment; nothing else of it
is visible.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from couponbus_sandbox.local.local_environment import local_environment
from tests.architecture import tree


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


def wheel_in(folder: Path) -> Path:
    """Build the wheel, and return it."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    assert ended(build, folder=tree.ROOT).code == 0
    (built,) = folder.glob("*.whl")
    return built


def installed(wheel: Path, folder: Path, *, extra: str = "") -> Environment:
    folder.mkdir(exist_ok=True)
    python = f"--python={folder}"
    installing(folder, "venv", "--no-project", "--python", sys.executable, str(folder))
    installing(folder, "pip", "install", python, "--no-deps", str(wheel))
    (metadata,) = folder.glob("lib/python*/site-packages/couponbus-*.dist-info")
    for needed in needs(Distribution.at(metadata), extra=extra).values():
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
        elif not (site / top).is_symlink():  # packages of the CDK share a folder
            (site / top).symlink_to(there)
