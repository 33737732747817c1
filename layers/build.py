"""Builds the vendor layer: installs the locked wheels of a platform, trims and compiles them."""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from layers import platforms, trim

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "layers" / "vendor"
LOCK = VENDOR / "requirements.txt"
# The other locks of a developer's machine: the tools, and the local engine.
OTHER_LOCKS = (ROOT / "requirements.txt", ROOT / "couponbus_sandbox" / "requirements.txt")
BUILD = VENDOR / "build"
RUNTIME = (ROOT / ".python-version").read_text(encoding="utf-8").strip()

WHEELS = BUILD / "wheels"

# The date that the CDK gives to each file of a zip; only the asset's content then differs.
EPOCH_OF_ZIPS = 315_532_800


def main(arguments: list[str] | None = None) -> None:
    """Build the layers that are named, or Lambda's two.

    `host` is the one that this machine imports; `wheels` unpacks those of other machines, which
    can be inspected here but not run.
    """
    parser = argparse.ArgumentParser(prog="python -m layers.build", description=__doc__)
    names = [*platforms.LAMBDA, "host", "wheels"]
    parser.add_argument("layer", nargs="*", choices=names, metavar="layer")
    wanted = set(parser.parse_args(arguments).layer or platforms.LAMBDA)
    if "wheels" in wanted:
        for name in platforms.DEVELOPERS:
            unpack(name, into=WHEELS)
    for name in sorted({_host() if name == "host" else name for name in wanted - {"wheels"}}):
        build(name, into=BUILD)


def build(name: str, *, into: Path) -> Path:
    """Return the folder of the layer, the zip as it stands; build it only if an input changed."""

    def make(packages: Path) -> None:
        _require_runtime_version()
        _install(packages, name)
        trim.drop_what_lambda_never_reads(packages)
        _compile(packages)

    return _once(into / name, make, wanted=fingerprint())


def unpack(name: str, *, into: Path) -> Path:
    """Return a folder with the files that differ between platforms, and a note on each wheel.

    The other locks of the platform are resolved, not unpacked.
    """

    def make(packages: Path) -> None:
        _install(packages, name)
        for path in packages.rglob("*"):
            if path.is_file() and path.name != "WHEEL" and ".so" not in path.suffixes:
                path.unlink()
        for lock in OTHER_LOCKS:
            _uv_install(packages / "none", name, "--dry-run", lock=lock)

    return _once(into / name, make, wanted=fingerprint(*OTHER_LOCKS))


def _once(layer: Path, make: Callable[[Path], None], *, wanted: str) -> Path:
    """Return the folder; rebuild it only if an input changed, and atomically."""
    stamp = layer.with_name(f"{layer.name}.stamp")
    if layer.is_dir() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return layer
    unfinished = layer.with_name(f"{layer.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make(unfinished / "python")
    for path in unfinished.rglob("*"):
        # Zips keep modes: whatever the caller's umask, Lambda's user must be able to read.
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (EPOCH_OF_ZIPS, EPOCH_OF_ZIPS))
    shutil.rmtree(layer, ignore_errors=True)
    unfinished.rename(layer)
    stamp.write_text(wanted, encoding="utf-8")
    _say(f"{layer.relative_to(layer.parents[1])}: {size(layer) / 1e6:.1f} MB")
    return layer


def _host() -> str:
    try:
        return platforms.host()
    except platforms.PlatformUnknown as unknown:
        raise SystemExit(str(unknown)) from None


def size(folder: Path) -> int:
    """Return the bytes that Lambda counts against its limit of 250 MB unzipped."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fingerprint(*more: Path) -> str:
    """Return the inputs of a layer: the lock, this builder and the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    builder = (Path(each) for each in (__file__, platforms.__file__, trim.__file__))
    for source in (LOCK, *builder, *more):
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


def _install(packages: Path, name: str) -> None:
    packages.mkdir(parents=True)
    _uv_install(packages, name, "--link-mode", "copy", lock=LOCK)


def _uv_install(target: Path, name: str, *options: str, lock: Path) -> None:
    done = subprocess.run(
        [
            *(_uv(), "pip", "install", "--quiet", "--color", "never"),
            *("--target", str(target), "--python", sys.executable, *options),
            *("--python-platform", platforms.ALL[name], "--python-version", RUNTIME),
            *("--only-binary", ":all:", "--require-hashes", "--no-deps"),
            *("--requirements", str(lock)),
        ],
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"no wheels of {lock.relative_to(ROOT)} for {name}: one cannot be had, or there is"
            f" none for {platforms.ALL[name]} (the installer says above which)"
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
