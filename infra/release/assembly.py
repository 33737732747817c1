"""The templates of a cloud assembly, and their end."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
# Of an artifact: a template, and the list of what is uploaded with it.
FILES = ("templateFile", "file")


def templates_of(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the templates by the names of their stacks."""
    artifacts = _artifacts(folder)
    return {
        each["properties"].get("stackName", name): json.loads(
            (folder / each["properties"]["templateFile"]).read_text(encoding="utf-8")
        )
        for name, each in artifacts.items()
        if each["type"] == "aws:cloudformation:stack"
    }


def take_back(folder: Path) -> None:
    """Delete what could be deployed of an assembly, and the folder if nothing else is in it.

    Files that its manifest does not name are others'.
    """
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        named = [each.get("properties", {}) for each in _artifacts(folder).values()]
        for file in (each[key] for each in named for key in FILES if key in each):
            (folder / file).unlink(missing_ok=True)
        (folder / MANIFEST).unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()


def _artifacts(folder: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))["artifacts"]
    return found
