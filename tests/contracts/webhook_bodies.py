"""The problems of a webhook's body, for every test that makes one."""

import json

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from events import generate
from events.contracts import Contract

_BODIES = {
    contract.stem: contract for contract in generate.everything() if contract.direction == "webhook"
}


def problems(body: bytes) -> list[str]:
    """Return each way in which a body breaks the receivers' contract, by path."""
    content: dict[str, object] = json.loads(body)
    contract = _BODIES.get(str(content.get("type")))
    if contract is None:
        return [f"type: no event is called {content.get('type')}"]
    return [
        *_against_the_class(contract, body),
        *_against_the_schema(contract, content),
        *_by_itself(content, body),
    ]


def _against_the_class(contract: Contract, body: bytes) -> list[str]:
    """Return what no format checker reports, such as a time that is none."""
    try:
        contract.model.model_validate_json(body)
    except ValidationError as wrong:
        return [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors()]
    return []


def _against_the_schema(contract: Contract, content: dict[str, object]) -> list[str]:
    checker = Draft202012Validator(contract.schema(), format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(content)]


def _by_itself(content: dict[str, object], body: bytes) -> list[str]:
    """Return the problems that no schema can express."""
    found = []
    metadata = content.get("metadata")
    if isinstance(metadata, dict) and metadata.get("occurred_at") != content.get("timestamp"):
        found.append("$.timestamp: it is not when the event was decided")
    if json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode() != body:
        found.append("$: it is not compact, or doubles a field")
    return found
