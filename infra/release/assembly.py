"""The templates of a cloud assembly."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def templates_of(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the templates by the names of their stacks."""
    artifacts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    return {
        each["properties"].get("stackName", name): json.loads(
            (folder / each["properties"]["templateFile"]).read_text(encoding="utf-8")
        )
        for name, each in artifacts.items()
        if each["type"] == "aws:cloudformation:stack"
    }
