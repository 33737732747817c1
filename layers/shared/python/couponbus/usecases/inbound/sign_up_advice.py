"""What a producer should do about a sign-up that cannot be taken: one sentence for each code."""

from collections.abc import Mapping

SCHEMA = "events/schemas/CustomerSignedUp.v1.json"

_SENTENCES: Mapping[str, str] = {
    "not_utf8": "Send the body in UTF-8.",
    "not_json": "Send one JSON object, without a byte order mark.",
    "duplicate_key": "Name each field of an object once.",
    "not_a_finite_number": "Send numbers that are finite.",
    "too_deep": "Nest objects and lists less deeply.",
    "too_large": "Make this sign-up smaller: 64 KiB are the limit.",
    "not_an_object": "Send one sign-up, or an object with the list sign_ups.",
    "missing": "Add this field.",
    "model_type": "Send an object here.",
    "dict_type": "Send an object here.",
    "list_type": "Send a list here.",
    "tuple_type": "Send a list here.",
    "too_long": "Send fewer items.",
    "string_type": "Send a text here.",
    "string_too_short": "Send a longer text.",
    "string_too_long": "Send a shorter text.",
    "string_pattern_mismatch": "Send a text of the form in the schema, without control characters.",
    "string_unicode": "Send a text without half characters (lone surrogates).",
    "int_type": "Send a whole number, not as a text.",
    "greater_than": "Send a larger number.",
    "less_than": "Send a smaller number.",
    "value_error": "Send an ISO 8601 text, such as 2027-01-31T12:00:00Z.",
    "timezone_aware": "Add the offset from UTC, such as Z.",
}
_OTHERWISE = f"Send what the schema asks for: {SCHEMA}."


def advice_on(code: str) -> str:
    """Return the sentence; for most codes of pydantic the schema has to do."""
    return _SENTENCES.get(code, _OTHERWISE)
