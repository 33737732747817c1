"""The files of this repository as in a clone: nothing built, installed or cached."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COUPONBUS = ROOT / "layers" / "shared" / "python" / "couponbus"

KEPT_DOT_FOLDERS = {".ci", ".github"}
BUILT = {"cdk.out", "dist", "__pycache__", "layers/vendor/build"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file that belongs to the repository."""
    return tuple(_walk())


def python_files(*folders: Path) -> list[Path]:
    """Return the Python files below the folders."""
    wanted = [path for path in files() if path.suffix == ".py"]
    return [path for path in wanted if any(path.is_relative_to(folder) for folder in folders)]


def function_folders() -> list[Path]:
    """Return one folder for each Lambda function."""
    return sorted({path.parent for path in python_files(ROOT / "functions")})


def name(path: Path) -> str:
    """Return the path as the repository spells it."""
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _walk() -> Iterator[Path]:
    for folder, inner, names in os.walk(ROOT):
        here = Path(folder)
        inner[:] = sorted(each for each in inner if _belongs(here / each))
        # Dot-files of the root belong to it; caches of tools and a worktree's link do not.
        yield from (
            here / each
            for each in sorted(names)
            if each != ".git" and not each.startswith(".coverage")
        )


def _belongs(folder: Path) -> bool:
    if folder.name in BUILT or name(folder) in BUILT:
        return False
    return not folder.name.startswith(".") or folder.name in KEPT_DOT_FOLDERS
