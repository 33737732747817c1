"""Builds the vendor layer: installs the locked wheels of a platform, trims and compiles them."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from layers import platforms, trim, zips

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "layers" / "vendor"
LOCK = VENDOR / "requirements.txt"
# The other locks of a developer's machine: the tools, and the local engine.
OTHER_LOCKS = (ROOT / "requirements.txt", ROOT / "couponbus_sandbox" / "requirements.txt")
BUILD = VENDOR / "build"
WHEELS = BUILD / "wheels"


def main(arguments: list[str] | None = None) -> None:
    """Build the layers that are named, or Lambda's two.

    `host` is the one that this machine imports; `wheels` unpacks those of other machines, which
    can be inspected here but not run.
    """
    parser = argparse.ArgumentParser(prog="python -m layers.build", description=__doc__)
    names = [*platforms.ALL, "host", "wheels"]
    parser.add_argument("layer", nargs="*", choices=names, metavar="layer")
    parser.add_argument("--into", type=Path, default=BUILD)
    given = parser.parse_args(arguments)
    wanted = set(given.layer or platforms.LAMBDA)
    if "wheels" in wanted:
        for name in platforms.DEVELOPERS:
            unpack(name, into=WHEELS)
    for name in sorted({_host() if name == "host" else name for name in wanted - {"wheels"}}):
        build(name, into=given.into)


def build(name: str, *, into: Path) -> Path:
    """Return the folder of the layer, the zip as it stands; build it only if an input changed."""

    def make(folder: Path) -> None:
        packages = folder / "python"
        zips.require_runtime_version()
        _install(packages, name)
        trim.drop_what_lambda_never_reads(packages)
        zips.compile_all(packages, runs_in="/opt/python")

    return _once(into / name, make, wanted=fingerprint())


def unpack(name: str, *, into: Path) -> Path:
    """Return a folder with the files that differ between platforms, and a note on each wheel.

    The other locks of the platform are resolved, not unpacked.
    """

    def make(folder: Path) -> None:
        packages = folder / "python"
        _install(packages, name)
        for path in packages.rglob("*"):
            if path.is_file() and path.name != "WHEEL" and ".so" not in path.suffixes:
                path.unlink()
        for lock in OTHER_LOCKS:
            _uv_install(packages / "none", name, "--dry-run", lock=lock)

    return _once(into / name, make, wanted=fingerprint(*OTHER_LOCKS))


def _once(layer: Path, make: Callable[[Path], None], *, wanted: str) -> Path:
    if zips.write(layer, make, wanted=wanted):
        _say(f"{layer.relative_to(layer.parents[1])}: {zips.size(layer) / 1e6:.1f} MB")
    return layer


def _host() -> str:
    try:
        return platforms.host()
    except platforms.PlatformUnknown as unknown:
        raise SystemExit(str(unknown)) from None


def fingerprint(*more: Path) -> str:
    """Return the inputs of a layer: the lock, this builder and the interpreter."""
    builder = (Path(each) for each in (__file__, platforms.__file__, trim.__file__, zips.__file__))
    return zips.fingerprint(*(each.read_bytes() for each in (LOCK, *builder, *more)))


def _install(packages: Path, name: str) -> None:
    packages.mkdir(parents=True)
    _uv_install(packages, name, "--link-mode", "copy", lock=LOCK)


def _uv_install(target: Path, name: str, *options: str, lock: Path) -> None:
    done = subprocess.run(
        [
            *(_uv(), "pip", "install", "--quiet", "--color", "never"),
            *("--target", str(target), "--python", sys.executable, *options),
            *("--python-platform", platforms.ALL[name], "--python-version", zips.RUNTIME),
            *("--only-binary", ":all:", "--require-hashes", "--no-deps"),
            *("--requirements", str(lock)),
        ],
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"no wheels of {lock.relative_to(ROOT)} for {name}: one cannot be had, or there is"
            f" none for {platforms.ALL[name]} (uv says above which; it asks an index of your own"
            " where UV_DEFAULT_INDEX says so)"
        )


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    pinned = str(beside) if beside.is_file() else ""
    found = os.environ.get("UV") or pinned or shutil.which("uv")
    if not found:
        raise SystemExit("uv is missing: run `make setup`, or install couponbus[deploy]")
    return found


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
