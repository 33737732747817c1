"""Commands that run as processes, and what they leave behind."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from couponbus_sandbox.engine.process import ROOT
from tests.e2e.engine.laboratory import until

START_SECONDS = 240.0
STOP_SECONDS = 30.0


class Command:
    """A running command; its temporary files, and those of its children, are in one folder."""

    def __init__(self, process: subprocess.Popen[bytes], *, output: Path, scratch: Path) -> None:
        self.process = process
        self.scratch = scratch
        self._output = output

    @property
    def output(self) -> str:
        return self._output.read_text()

    def until_it_says(self, text: str) -> None:
        def poll() -> bool:
            assert self.process.poll() is None, self.output
            return text in self.output

        try:
            until(poll, seconds=START_SECONDS)
        except AssertionError as late:
            raise AssertionError(f"{late}:\n{self.output}") from None

    def end(self, number: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def left_behind(self) -> tuple[set[int], list[Path]]:
        """Return the processes that still use the folder, and the files that are still in it."""
        marker = str(self.scratch).encode()
        found = set()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
                if marker in known:
                    found.add(int(process.name))
        return found - {os.getpid()}, sorted(self.scratch.iterdir())


@contextlib.contextmanager
def running(*arguments: str, folder: Path) -> Iterator[Command]:
    """Run `python -m ...` until the block ends; its output goes to a file."""
    with started([sys.executable, "-m", *arguments], folder=folder, shell=os.environ) as command:
        yield command


@contextlib.contextmanager
def started(
    command: Sequence[str], *, folder: Path, shell: Mapping[str, str], umask: int = -1
) -> Iterator[Command]:
    """Run a command in a shell that has these variables, until the block ends."""
    output = folder / "output.txt"
    with (
        tempfile.TemporaryDirectory(prefix="scratch-", dir=folder) as scratch,
        output.open("wb") as file,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**shell, "TMPDIR": scratch},
            stdout=file,
            stderr=subprocess.STDOUT,
            umask=umask,
        ) as process,
    ):
        try:
            yield Command(process, output=output, scratch=Path(scratch))
        finally:
            process.kill()
