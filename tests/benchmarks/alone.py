"""Measurements in a process of their own, without the coverage of this one."""

import os
import subprocess
import sys

from tests.architecture import tree


def alone(module: str, *arguments: str, seconds: float = 100.0) -> list[str]:
    """Run a module and return the lines that it prints."""
    path = os.pathsep.join(map(str, (tree.COUPONBUS.parent, tree.ROOT)))
    run = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=tree.ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()
