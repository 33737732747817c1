"""Writes schemas, samples and the catalogue from the event classes: `python -m events.generate`.

With --check nothing is written: the stale files are named, and the exit code is 1 if there are any.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from events.catalogue import catalogue
from events.contracts import Contract, contracts
from events.examples import EXAMPLES

HERE = Path(__file__).resolve().parent
BUS = "couponbus-local"
SHOP = "shop.example"
GENERATED = ("schemas/*.json",)


def main(arguments: Sequence[str] | None = None, *, folder: Path = HERE) -> int:
    """Write the files, or check them; return the exit code."""
    parser = argparse.ArgumentParser(prog="events.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name stale files")
    files = generated(contracts())
    stale = stale_files(files, folder=folder)
    if not parser.parse_args(arguments).check:
        write(files, folder=folder)
        return 0
    for name in stale:
        sys.stderr.write(f"stale: events/{name}\n")
    if stale:
        sys.stderr.write("run `make events`\n")
    return 1 if stale else 0


def generated(found: Sequence[Contract]) -> Mapping[str, str]:
    """Return the text of each file by its path below events/."""
    files = {"README.md": catalogue(found)}
    for contract in found:
        files[f"schemas/{contract.file}"] = _json(contract.schema(), in_order=True)
        files[f"samples/{contract.file}"] = _json(EXAMPLES[contract.name])
    files["samples/put-events.CustomerSignedUp.json"] = _json([_entry("CustomerSignedUp")])
    return files


def stale_files(files: Mapping[str, str], *, folder: Path) -> list[str]:
    """Return the files that are missing, differ, or belong to no contract.

    A sample without a contract is an older version's, kept for ever; a schema is not.
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


def _entry(name: str) -> Mapping[str, object]:
    detail = json.dumps(EXAMPLES[name], separators=(",", ":"))
    return {"Source": SHOP, "DetailType": name, "Detail": detail, "EventBusName": BUS}


def _json(value: object, *, in_order: bool = False) -> str:
    return json.dumps(value, indent=2, sort_keys=in_order, ensure_ascii=True) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
