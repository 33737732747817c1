"""Synthesises the stacks for this machine: stage local, this processor, the sandbox's URLs."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from couponbus_config.names import LOCAL
from couponbus_sandbox.engine.process import ROOT
from couponbus_sandbox.local.local_environment import local_environment
from layers import platforms

SYNTHESIS_SECONDS = 120.0
# The CDK checks each template with an engine that takes longer to load than all else together.
UNCHECKED: Mapping[str, str] = {"CDK_VALIDATION": "false"}


class SynthesisFailed(Exception):
    """`infra.app` ended with an error or not in time; the message is what it wrote."""


class Synthesis:
    """A synthesis that runs beside its caller."""

    def __init__(self, process: subprocess.Popen[str], *, assembly: Path) -> None:
        self._process = process
        self._assembly = assembly

    def result(self) -> Path:
        """Wait for the end, and return the folder of the cloud assembly.

        Raise SynthesisFailed with the output of the application.
        """
        try:
            output, _ = self._process.communicate(timeout=SYNTHESIS_SECONDS)
        except subprocess.TimeoutExpired:
            raise SynthesisFailed(f"no template after {SYNTHESIS_SECONDS:.0f} s") from None
        if self._process.returncode:
            raise SynthesisFailed(f"synthesis failed:\n{output}")
        return self._assembly


@contextlib.contextmanager
def synthesis(*, folder: Path, stage_file: Path) -> Iterator[Synthesis]:
    """Begin to write the cloud assembly into a folder; a block that ends sooner ends it."""
    assembly = folder / "assembly"
    settings = {"stage": LOCAL, "config": str(stage_file)}
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=local_environment(
            **UNCHECKED,
            CDK_OUTDIR=str(assembly),
            CDK_CONTEXT_JSON=json.dumps(settings),
            TMPDIR=str(folder),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield Synthesis(process, assembly=assembly)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)  # Node runs as a process of its own


def this_machine() -> Mapping[str, str]:
    """Return the processor of the engine's workers, and the layer that they can import.

    Raise SynthesisFailed for a machine that has no layer.
    """
    try:
        layer = platforms.host()
    except platforms.PlatformUnknown as unknown:
        raise SynthesisFailed(str(unknown)) from None
    return {"architecture": platforms.architecture(layer), "layer": layer}
