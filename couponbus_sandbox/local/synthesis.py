"""Synthesises the stacks for this machine: stage local, this processor, the sandbox's URLs."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from couponbus_sandbox.engine.process import ROOT
from couponbus_sandbox.local.local_environment import local_environment
from layers import platforms

STAGE = "local"
SYNTHESIS_SECONDS = 120.0


class SynthesisFailed(Exception):
    """`infra.app` ended with an error; the message is what it wrote."""


def synthesise(*, into: Path, context: Mapping[str, object]) -> Path:
    """Write the cloud assembly into a folder and return the folder.

    Raise SynthesisFailed with the output of the application.
    """
    finished = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env=local_environment(
            CDK_OUTDIR=str(into),
            CDK_CONTEXT_JSON=json.dumps({"stage": STAGE, **_this_machine(), **context}),
        ),
        capture_output=True,
        text=True,
        timeout=SYNTHESIS_SECONDS,
        check=False,
    )
    if finished.returncode:
        raise SynthesisFailed(f"synthesis failed:\n{finished.stdout}{finished.stderr}")
    return into


def _this_machine() -> Mapping[str, str]:
    """Return the processor of the engine's workers, and the layer that they can import."""
    try:
        layer = platforms.host()
    except platforms.PlatformUnknown as unknown:
        raise SynthesisFailed(str(unknown)) from None
    return {"arch": platforms.architecture(layer), "layer": layer}
