"""Writes schemas, samples, the AsyncAPI document and the catalogue from the event classes."""

import argparse
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from events.asyncapi import document
from events.catalogue import catalogue
from events.contracts import Contract, contracts
from events.example_facts import Example
from events.examples import EXAMPLES
from events.examples_of_webhooks import UNPUBLISHED
from events.gate import refusals, unreleased
from events.webhook_contracts import webhook_contracts, webhook_example

HERE = Path(__file__).resolve().parent
BUS = "couponbus-local"
SHOP = "shop.example"
WRITTEN = {**EXAMPLES, **UNPUBLISHED}
GENERATED = ("schemas/*.json", "schemas/webhooks/*.json")


def main(arguments: Sequence[str] | None = None, *, folder: Path = HERE) -> int:
    """Write the files, or check them; return 1 for a stale file or a breaking change, else 0."""
    parser = argparse.ArgumentParser(prog="events.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; list stale files")
    is_check = parser.parse_args(arguments).check
    found = everything()
    files = generated(found)
    stale = stale_files(files, folder=folder) if is_check else []
    if not is_check:
        write(files, folder=folder)
    refused = refusals(found, files, folder=folder)
    sys.stderr.writelines(f"stale: events/{name}\n" for name in stale)
    sys.stderr.write("run `make events`\n" if stale else "")
    sys.stderr.writelines(f"{sentence}\n" for sentence in refused)
    for label in unreleased(found, folder=folder):
        sys.stdout.write(f"not released yet: {label}\n")
    return 1 if stale or refused else 0


def everything() -> Sequence[Contract]:
    """Return every contract, and the webhooks that carry them."""
    found = contracts()
    return [*found, *webhook_contracts(found)]


def generated(found: Sequence[Contract]) -> Mapping[str, str]:
    """Return the text of each file by its path below events/."""
    examples = examples_of(found)
    files = {
        "README.md": catalogue(found),
        "asyncapi.json": _json(document(found, examples, version=_version())),
        "samples/put-events.CustomerSignedUp.json": _json([_entry("CustomerSignedUp")]),
    }
    for contract in found:
        files[f"schemas/{contract.file}"] = _json(contract.schema(), in_order=True)
        files[f"samples/{contract.file}"] = _json(examples[contract.file])
    return files


def examples_of(found: Sequence[Contract]) -> Mapping[str, Example]:
    """Return the example of each contract by the name of its file."""
    events = {each.name: each for each in found if each.direction == "published"}
    made = {
        each.file: webhook_example(events[each.name], EXAMPLES[each.name])
        for each in found
        if each.direction == "webhook" and each.name in events
    }
    return {each.file: made.get(each.file) or WRITTEN[each.name] for each in found}


def stale_files(files: Mapping[str, str], *, folder: Path) -> list[str]:
    """Return the files that are missing, differ, or belong to no contract.

    A sample without a contract is that of an older version and kept for good; a schema is stale.
    """
    differing = {name for name, text in files.items() if _read(folder / name) != text}
    here = {path.relative_to(folder).as_posix() for glob in GENERATED for path in folder.glob(glob)}
    return sorted(differing | {name for name in here if name not in files})


def write(files: Mapping[str, str], *, folder: Path) -> None:
    """Write what differs and delete schemas that belong to no contract."""
    for name in stale_files(files, folder=folder):
        path = folder / name
        if name not in files:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8")


def _version() -> str:
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _entry(name: str) -> Mapping[str, object]:
    detail = json.dumps(EXAMPLES[name], separators=(",", ":"))
    return {"Source": SHOP, "DetailType": name, "Detail": detail, "EventBusName": BUS}


def _json(value: object, *, in_order: bool = False) -> str:
    return json.dumps(value, indent=2, sort_keys=in_order, ensure_ascii=True) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
