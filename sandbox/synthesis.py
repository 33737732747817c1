"""Synthesises the stacks for this machine: stage local, this processor, the sandbox's URLs."""

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.engine.process import ROOT
from sandbox.local_environment import local_environment

STAGE = "local"
SYNTHESIS_SECONDS = 120.0
# CDK's names for what Python calls the machine; aarch64 and arm64 are the same processor.
ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


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
            CDK_CONTEXT_JSON=json.dumps(
                {"stage": STAGE, "arch": this_architecture(), **context}
            ),
        ),
        capture_output=True,
        text=True,
        timeout=SYNTHESIS_SECONDS,
        check=False,
    )
    if finished.returncode:
        raise SynthesisFailed(f"synthesis failed:\n{finished.stdout}{finished.stderr}")
    return into


def this_architecture() -> str:
    """Return this machine's processor as CDK names it: the engine's workers run on it."""
    return ARCHITECTURES[platform.machine()]
