"""Refuses a release that breaks producers or consumers of released contracts."""

from collections.abc import Iterator, Mapping, Sequence
from json import loads
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from events.compatibility import breaking
from events.contracts import Contract
from events.differences import differences
from events.released import Released, released


def refusals(found: Sequence[Contract], files: Mapping[str, str], *, folder: Path) -> Sequence[str]:
    """Return one sentence for each breaking change; none if all may be released."""
    by_file = {contract.file: contract for contract in found}
    return [
        sentence
        for file, kept in released(folder).items()
        for sentence in (
            _of_one(by_file[file], kept, sample=files[f"samples/{file}"])
            if file in by_file
            else [f"{file}: it was released and has no class; keep the class beside its successor."]
        )
    ]


def unreleased(found: Sequence[Contract], *, folder: Path) -> Sequence[str]:
    """Return the contracts that are new, or accept more, since the last release."""
    kept = released(folder)
    return [
        contract.label
        for contract in found
        if contract.file not in kept or differences(kept[contract.file].schema, contract.schema())
    ]


def _of_one(contract: Contract, kept: Released, *, sample: str) -> Iterator[str]:
    yield from map(str, breaking(contract, released=kept.schema))
    if sample != kept.sample:
        yield f"{contract.label}: its sample was released and is frozen; undo its new example."
    try:
        contract.model.model_validate_json(kept.sample)
    except ValidationError as wrong:
        places = ", ".join(_place(error["loc"]) for error in wrong.errors())
        yield f"{contract.label}: its class refuses its released sample ({places}); undo it."
    checker = Draft202012Validator(contract.schema(), format_checker=FormatChecker())
    for error in checker.iter_errors(loads(kept.sample)):
        place = _place(error.absolute_path)
        yield f"{contract.label}: its schema refuses its released sample ({place}); undo it."


def _place(parts: Sequence[object]) -> str:
    return ".".join(str(part) for part in parts) or "the whole"
