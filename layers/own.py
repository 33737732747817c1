"""Compiles our own code: the shared layer and each function, as the folders that become zips.

It is done where they are needed, at synthesis: what is deployed is always compiled from the source
as it is then.
"""

import shutil
from pathlib import Path

import couponbus
from layers import zips

BUILDER = (Path(__file__), Path(zips.__file__))
NOT_COPIED = ("__pycache__", "*.pyc")
PACKAGE = couponbus.__name__


def shared_layer(root: Path, *, into: Path | None = None) -> Path:
    """Return the folder of our package and its byte code.

    The tree of a wheel has no second copy: it is the installed package then.
    """
    own = root / "layers" / "shared" / "python" / PACKAGE
    source = own if own.is_dir() else Path(*couponbus.__path__)
    at = f"python/{PACKAGE}"
    return _compiled(source, (into or root / "dist") / "shared", at=at, runs_in=f"/opt/{at}")


def function(root: Path, name: str, *, into: Path | None = None) -> Path:
    """Return the folder of one function and its byte code: handler and import agree in it."""
    at = f"functions/{name}"
    return _compiled(root / at, (into or root / "dist") / at, at=at, runs_in=f"/var/task/{at}")


def _compiled(source: Path, folder: Path, *, at: str, runs_in: str) -> Path:
    def make(unfinished: Path) -> None:
        zips.require_runtime_version()
        code = unfinished / at
        shutil.copytree(source, code, ignore=shutil.ignore_patterns(*NOT_COPIED))
        zips.compile_all(code, runs_in=runs_in)

    zips.write(folder, make, wanted=_fingerprint(source))
    return folder


def _fingerprint(source: Path) -> str:
    files = [path for path in zips.files_of(source) if path.suffix != ".pyc"]
    named = (part for path in files for part in (_name(path, source), path.read_bytes()))
    return zips.fingerprint(*named, *(path.read_bytes() for path in BUILDER))


def _name(path: Path, source: Path) -> bytes:
    return path.relative_to(source).as_posix().encode()
