"""Runs the operator's command `couponbus` on the local stack, as a person would in a shell."""

import subprocess
import sys
import tempfile
from pathlib import Path

from sandbox.engine.process import ROOT
from sandbox.local_environment import local_environment
from sandbox.local_stack import LocalStack
from sandbox.reach import FILE, FOLDER, published

SAMPLE_PROGRAMS = ROOT / "cli" / "samples" / "programs.yaml"
COMMAND_SECONDS = 60.0


class CommandFailed(Exception):
    """The command ended with an error; the message is what it wrote."""


def couponbus(stack: LocalStack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a reach file of its own, whatever else is up in this checkout."""
    with tempfile.TemporaryDirectory(prefix="couponbus-") as place:
        folder = Path(place) / FOLDER
        folder.mkdir()
        with published(stack, folder / FILE):
            return subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", "cli.main", *arguments],
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
