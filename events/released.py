"""The released schemas and samples, on which producers and consumers rely."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from events.inlined import Schema

FOLDER = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """One contract as it was released last; its sample is the one of its first release."""

    schema: Schema
    sample: str


def released(folder: Path) -> Mapping[str, Released]:
    """Return the released contracts below events/, by file name."""
    schemas = folder / FOLDER / "schemas"
    return {
        path.relative_to(schemas).as_posix(): Released(
            schema=json.loads(path.read_text(encoding="utf-8")),
            sample=_sample_beside(path, schemas=schemas).read_text(encoding="utf-8"),
        )
        for path in sorted(schemas.rglob("*.json"))
    }


def freeze(files: Mapping[str, str], names: Sequence[str], *, folder: Path) -> Sequence[str]:
    """Keep the schemas of these contracts, and the samples of those that are new.

    Returns the written paths. Only this function writes there, and it never replaces a sample.
    """
    written = []
    for path in (f"{kind}/{name}" for name in names for kind in ("schemas", "samples")):
        target = folder / FOLDER / path
        is_frozen = target.is_file() and path.startswith("samples/")
        if is_frozen or (target.is_file() and target.read_text(encoding="utf-8") == files[path]):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], encoding="utf-8")
        written.append(f"{FOLDER}/{path}")
    return written


def _sample_beside(path: Path, *, schemas: Path) -> Path:
    return schemas.parent / "samples" / path.relative_to(schemas)
