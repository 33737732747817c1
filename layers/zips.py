"""Folders that are zips as they stand: built once for their inputs, compiled, dated like a zip."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

RUNTIME = (Path(__file__).parents[1] / ".python-version").read_text(encoding="utf-8").strip()

# The date that the CDK gives to each file of a zip; only the asset's content then differs.
EPOCH = 315_532_800


def write(folder: Path, make: Callable[[Path], None], *, wanted: str) -> bool:
    """Make the folder only if an input changed, and atomically; return whether it was made.

    Another process that needs the same folder waits.
    """
    stamp = folder.with_name(f"{folder.name}.stamp")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return False
        # First: a process that is killed from here on leaves no folder that passes for another.
        stamp.unlink(missing_ok=True)
        unfinished = folder.with_name(f"{folder.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        for path in (unfinished, *unfinished.rglob("*")):
            # Zips keep modes: whatever the caller's umask, Lambda's user must be able to read.
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (EPOCH, EPOCH))
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
        stamp.write_text(wanted, encoding="utf-8")
        return True


def compile_all(folder: Path, *, runs_in: str) -> None:
    """Compile in one process with a fixed hash seed: the same bytes in each build.

    Tracebacks then name a file as Lambda sees it, and no path of this machine is kept.
    """
    subprocess.run(
        [
            *(sys.executable, "-s", "-S", "-m", "compileall", "-q", "-f", "-j", "1"),
            *("--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", runs_in),
            str(folder),
        ],
        check=True,
        env={"PYTHONHASHSEED": "0", "PATH": os.environ["PATH"]},
    )


def require_runtime_version() -> None:
    """Refuse to compile for another minor version, whose runtime would ignore it silently."""
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    if mine != RUNTIME:
        raise SystemExit(f"the layer is compiled for Python {RUNTIME}, this is Python {mine}")


def fingerprint(*inputs: bytes) -> str:
    """Return one hash over the inputs of a folder and the interpreter that compiles it."""
    digest = hashlib.sha256(sys.version.encode())
    for each in inputs:
        digest.update(len(each).to_bytes(8))
        digest.update(each)
    return digest.hexdigest()


def files_of(folder: Path) -> list[Path]:
    """Return all files below a folder, in one order on each machine."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def size(folder: Path) -> int:
    """Return the bytes that Lambda counts against its limit of 250 MB unzipped."""
    return sum(path.stat().st_size for path in files_of(folder))
