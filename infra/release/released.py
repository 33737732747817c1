"""The templates that were released last, as far as a later one may not harm them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.release import grants_gate, stateful_gate
from infra.release.grants import grants
from infra.release.stateful import Stateful, stateful

FOLDER = Path(__file__).resolve().parent.parent / "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is stateful and what is allowed, by stack and logical id."""

    stateful: Mapping[str, Mapping[str, Stateful]]
    grants: Mapping[str, Mapping[str, list[str]]]


def release_of(templates: Mapping[str, Mapping[str, Any]]) -> Release:
    """Return what counts of these templates: no hash of an asset, nothing of the machine."""
    return Release(
        stateful={stack: stateful(template) for stack, template in templates.items()},
        grants={stack: grants(template) for stack, template in templates.items()},
    )


def released(folder: Path = FOLDER) -> Release:
    """Return the last release; an empty one before the first."""
    kept = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    return Release(
        stateful={
            stack: {key: Stateful(**value) for key, value in each["stateful"].items()}
            for stack, each in sorted(kept.items())
        },
        grants={stack: each["grants"] for stack, each in sorted(kept.items())},
    )


def harms(before: Release, after: Release) -> list[str]:
    """Return one sentence for each resource that `after` loses, replaces or overwrites."""
    return stateful_gate.refusals(before.stateful, after.stateful)


def unlisted(before: Release, after: Release) -> list[str]:
    """Return one sentence for each right that `before` does not list."""
    return grants_gate.widened(before.grants, after.grants)


def freeze(release: Release, *, folder: Path = FOLDER) -> list[str]:
    """Keep this release in the place of the last one; return the files that were written."""
    folder.mkdir(exist_ok=True)
    written = []
    for stack, resources in release.stateful.items():
        kept = {
            "stateful": {key: asdict(value) for key, value in resources.items()},
            "grants": release.grants[stack],
        }
        path, text = folder / f"{stack}.json", json.dumps(kept, indent=2, sort_keys=True) + "\n"
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")
            written.append(path.name)
    return written
