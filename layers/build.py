"""Builds the vendor layer: installs the locked wheels for each CPU, trims and compiles them."""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from layers import trim

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "layers" / "vendor"
LOCK = VENDOR / "requirements.txt"
BUILD = VENDOR / "build"
RUNTIME = (ROOT / ".python-version").read_text(encoding="utf-8").strip()

# Amazon Linux 2023, on which Lambda's Python 3.13 runs, has glibc 2.34.
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
ALIASES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "amd64": "x86_64"}

# The date that the CDK gives to each file of a zip; only the asset's content then differs.
EPOCH_OF_ZIPS = 315_532_800


def main(arguments: list[str] | None = None) -> None:
    """Build the architectures that are named; `host` is the one of this machine."""
    parser = argparse.ArgumentParser(prog="python -m layers.build", description=__doc__)
    parser.add_argument("arch", nargs="*", choices=[*PLATFORMS, "host"], metavar="arch")
    named = parser.parse_args(arguments).arch or list(PLATFORMS)
    for arch in sorted({host() if name == "host" else name for name in named}):
        build(arch, into=BUILD)


def host() -> str:
    """Return Lambda's name for the CPU of this machine."""
    return ALIASES[platform.machine().lower()]


def build(arch: str, *, into: Path) -> Path:
    """Return the folder of the layer, the zip as it stands; build it only if an input changed."""
    layer, stamp = into / arch, into / f"{arch}.stamp"
    wanted = fingerprint()
    if layer.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return layer
    _require_runtime_version()
    unfinished = into / f"{arch}.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    packages = unfinished / "python"
    _install(packages, arch)
    trim.drop_what_lambda_never_reads(packages)
    _compile(packages)
    for path in unfinished.rglob("*"):
        os.utime(path, (EPOCH_OF_ZIPS, EPOCH_OF_ZIPS))
    shutil.rmtree(layer, ignore_errors=True)
    unfinished.rename(layer)
    stamp.write_text(wanted, encoding="utf-8")
    _say(f"vendor layer for {arch}: {size(layer) / 1e6:.1f} MB")
    return layer


def size(folder: Path) -> int:
    """Return the bytes that Lambda counts against its limit of 250 MB unzipped."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fingerprint() -> str:
    """Return what decides the bytes of a layer: the lock, this builder and the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    for source in (LOCK, Path(__file__), Path(trim.__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def digest(folder: Path) -> str:
    """Return one hash over the names and bytes of all files, to compare two builds."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()


def _require_runtime_version() -> None:
    mine = f"{sys.version_info.major}.{sys.version_info.minor}"
    if mine != RUNTIME:
        # Byte code of another minor version is ignored at run time, silently.
        raise SystemExit(f"the layer is compiled for Python {RUNTIME}, this is Python {mine}")


def _install(packages: Path, arch: str) -> None:
    packages.mkdir(parents=True)
    subprocess.run(
        [
            *(_uv(), "pip", "install", "--quiet", "--color", "never"),
            *("--target", str(packages), "--python", sys.executable),
            *("--python-platform", PLATFORMS[arch], "--python-version", RUNTIME),
            *("--only-binary", ":all:", "--require-hashes", "--no-deps", "--link-mode", "copy"),
            *("--requirements", str(LOCK)),
        ],
        check=True,
    )


def _uv() -> str:
    own = ROOT / ".uv" / "bin" / "uv"
    found = os.environ.get("UV") or shutil.which("uv") or (own.is_file() and str(own))
    if not found:
        raise SystemExit("uv is missing: run `make layers`")
    return found


def _compile(packages: Path) -> None:
    """Compile in one process with a fixed hash seed: the same bytes in each build."""
    subprocess.run(
        [
            *(sys.executable, "-s", "-m", "compileall", "-q", "-f", "-j", "1"),
            *("--invalidation-mode", "unchecked-hash"),
            # Tracebacks then name the file as Lambda sees it, and no path of this machine is kept.
            *("-s", str(packages), "-p", "/opt/python"),
            str(packages),
        ],
        check=True,
        env={"PYTHONHASHSEED": "0", "PATH": os.environ["PATH"]},
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
