"""Runs the command `couponbus` on the local stack, as an operator would in a shell."""

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from couponbus_sandbox.engine.process import ROOT
from couponbus_sandbox.local.local_environment import local_environment
from couponbus_sandbox.local.reach import FILE, FOLDER, published
from couponbus_sandbox.local.stack import LocalStack

SAMPLE_PROGRAMS = ROOT / "couponbus_cli" / "samples" / "programs.yaml"
COMMAND_SECONDS = 60.0


class CommandFailed(Exception):
    """The command ended with an error; the message is what it wrote."""


@contextlib.contextmanager
def reachable(stack: LocalStack) -> Iterator[Path]:
    """Yield a folder in which the command finds this stack, also if another is up elsewhere."""
    with tempfile.TemporaryDirectory(prefix="couponbus-") as place:
        folder = Path(place) / FOLDER
        folder.mkdir()
        with published(stack, folder / FILE):
            yield Path(place)


def couponbus(stack: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    with reachable(stack) as place:
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "couponbus_cli.main", *arguments],
            cwd=place,
            env=local_environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )


def apply_programs(stack: LocalStack, path: Path = SAMPLE_PROGRAMS) -> None:
    """Load the programs of a file; raise CommandFailed when they are not all accepted."""
    finished = couponbus(stack, "programs", "apply", str(path))
    if finished.returncode:
        raise CommandFailed(f"{path.name}: {finished.stdout}{finished.stderr}")
