"""The data beside a payload: fields of the bus's envelope, or headers of a signed request."""

from collections.abc import Mapping

from events.contracts import Contract

_SECONDS: Mapping[str, object] = {
    "type": "string",
    "pattern": "^[0-9]+$",
    "description": "When this attempt was made, in seconds since 1970.",
}
_SIGNATURES: Mapping[str, object] = {
    "type": "string",
    "pattern": "^v1,[0-9A-Za-z+/=]+( v1,[0-9A-Za-z+/=]+)*$",
    "description": "One for each secret that is valid; one that matches is enough.",
}
_OUR_ID: Mapping[str, object] = {
    "type": "string",
    "pattern": "^msg_[0-9A-Za-z]+$",
    "description": "The id of the fact: the same for each attempt and each replay; dedupe on it.",
}
_YOUR_ID: Mapping[str, object] = {
    "type": "string",
    "maxLength": 128,
    "pattern": "^[!-\\-/-~]+$",
    "description": "Your name for this request: the same when you repeat it. No dot in it.",
}
_TRACEPARENT: Mapping[str, object] = {
    "type": "string",
    "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-01$",
    "description": "W3C Trace Context: the trace of the sign-up, and this attempt. Not signed.",
}


def envelope(contract: Contract) -> Mapping[str, object]:
    """Return the fields that a rule on the bus can match."""
    properties: dict[str, object] = {
        "detail-type": {"type": "string", "const": contract.detail_type}
    }
    if contract.sources:
        properties["source"] = {"type": "string", "enum": [*contract.sources]}
    return {"type": "object", "properties": properties}


def traits() -> Mapping[str, object]:
    """Return the headers of Standard Webhooks, for webhooks and for sign-ups over HTTP."""
    return {
        "signedByUs": {"headers": _signed(_OUR_ID, traceparent=_TRACEPARENT)},
        "signedByYou": {"headers": _signed(_YOUR_ID)},
    }


def _signed(
    message_id: Mapping[str, object], **unsigned: Mapping[str, object]
) -> Mapping[str, object]:
    properties = {
        "webhook-id": message_id,
        "webhook-timestamp": _SECONDS,
        "webhook-signature": _SIGNATURES,
    }
    return {"type": "object", "required": [*properties], "properties": properties | unsigned}
