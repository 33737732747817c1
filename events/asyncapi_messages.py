"""A contract as a message of the AsyncAPI document."""

from events.asyncapi_headers import envelope
from events.contracts import Contract
from events.example_facts import Example
from events.parties import PARTIES

type Node = dict[str, object]

SIGN_UPS = "SignUps"


def name_of(contract: Contract) -> str:
    """Return the name of the message in the document."""
    return f"{contract.name}Webhook" if contract.direction == "webhook" else contract.name


def message(contract: Contract, *, example: Example) -> Node:
    """Return the message; its payload is a reference to the schema file."""
    is_webhook = contract.direction == "webhook"
    dedupe = "on the header webhook-id" if is_webhook else PARTIES[contract.name].dedupe
    found: Node = {
        "name": contract.name,
        "title": contract.label,
        "summary": (contract.model.__doc__ or "").partition("\n")[0],
        "description": f"Dedupe {dedupe}.",
        "payload": _payload(contract),
        "examples": [{"name": contract.stem, "payload": example}],
    }
    if is_webhook:
        found["traits"] = [_trait("signedByUs")]
    elif contract.detail_type is not None:
        found["headers"] = envelope(contract)
    return found


def sign_ups_message(contract: Contract, *, example: Example) -> Node:
    """Return the body of a signed request: one sign-up, or up to a hundred of them."""
    several: Node = {"type": "array", "minItems": 1, "maxItems": 100, "items": _payload(contract)}
    listed: Node = {"type": "object", "required": ["sign_ups"], "properties": {"sign_ups": several}}
    return {
        "name": SIGN_UPS,
        "title": "Sign-ups over HTTP",
        "summary": "One sign-up, or a list of them: all are accepted, or none.",
        "description": f"Dedupe {PARTIES[contract.name].dedupe}.",
        "traits": [_trait("signedByYou")],
        "payload": {"anyOf": [_payload(contract), listed]},
        "examples": [{"name": SIGN_UPS, "payload": {"sign_ups": [example]}}],
    }


def _payload(contract: Contract) -> Node:
    return {"$ref": f"./schemas/{contract.file}"}


def _trait(name: str) -> Node:
    return {"$ref": f"#/components/messageTraits/{name}"}
