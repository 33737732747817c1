"""Parses the body of a request into sign-ups, all or none, each ready for its queue."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_json, utf8
from couponbus.events.sign_up import CustomerSignedUp
from couponbus.usecases.inbound.http import Problem
from couponbus.usecases.issuing.sign_up_reading import Faults, ReadSignUp, read_each

BODY_BYTES = 256 * 1024
SIGN_UPS_MAX = 100
PROBLEMS_SHOWN = 100
SOURCE = "webhook"
SEVERAL = "sign_ups"
# SQS accepts only the characters of XML; in JSON any character can be escaped.
_UNSENDABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUpBatch:
    """Valid sign-ups, and what of each will be dropped; `messages` are the bodies for the queue."""

    sign_ups: Sequence[CustomerSignedUp] = field(repr=False)
    dropped: Sequence[Sequence[str]]
    messages: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """The problems of a body that is not accepted; `omitted` is the number of further ones."""

    problems: Sequence[Problem]
    omitted: int = 0


def read_sign_ups(
    body: bytes, *, webhook_id: str, now: datetime, tenants: Sequence[str] = ()
) -> SignUpBatch | Unfit:
    """Return all sign-ups of a body, which is one sign-up or an object with a list of them.

    They may name these tenants only, without any given every tenant.
    """
    try:
        content = strict_json(utf8(body), limit=BODY_BYTES)
        details = _details(content)
    except InputRejected as rejected:
        return Unfit(problems=[_of_the_body(rejected)])
    if not 1 <= len(details) <= SIGN_UPS_MAX:
        code = "too_long" if details else "too_short"
        return Unfit(problems=[Problem(field=SEVERAL, problem=code, message=_COUNT)])
    sign_ups = read_each(details, now=now)
    if problems := _problems(sign_ups):
        return _unfit(problems)
    read = [one for one in sign_ups if isinstance(one, ReadSignUp)]
    named = [one.event.tenant for one in read]
    if foreign := [at for at, tenant in enumerate(named) if tenants and tenant not in tenants]:
        code = "tenant_not_allowed"
        return _unfit([_of_a_sign_up(at, field="tenant", code=code) for at in foreign])
    messages = [_message(detail, webhook_id) for detail in details]
    if invalid := _unusable(messages):
        return _unfit(invalid)
    return SignUpBatch(
        sign_ups=[one.event for one in read],
        dropped=[one.dropped for one in read],
        messages=messages,
    )


_COUNT = f"Send 1 to {SIGN_UPS_MAX} sign-ups in one request."


def _details(content: object) -> list[object]:
    """Return the sign-ups, not validated yet. Raises InputRejected for another form."""
    if not isinstance(content, dict):
        raise InputRejected("not_an_object")
    if SEVERAL not in content:
        return [content]
    details = content[SEVERAL]
    if not isinstance(details, list):
        raise InputRejected("list_type", fields=(SEVERAL,))
    return details


def _message(detail: object, webhook_id: str) -> str:
    """Return the message as the bus would send it, so that no field of a sign-up is misread.

    The sign-up is sent as received, because programs may match on fields that we do not know.
    """
    envelope = {
        "id": webhook_id,
        "source": SOURCE,
        "detail-type": CustomerSignedUp.detail_type,
        "detail": detail,
    }
    text = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
    return _UNSENDABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _unusable(messages: Sequence[str]) -> list[Problem]:
    """Parse each message as the worker will: what is accepted here is not quarantined later."""
    found: list[Problem] = []
    for index, message in enumerate(messages):
        try:
            strict_json(message)
        except InputRejected as rejected:
            found.append(_of_a_sign_up(index, field="", code=rejected.reason))
    return found


def _problems(read: Sequence[ReadSignUp | Faults]) -> list[Problem]:
    return [
        _of_a_sign_up(index, field=field, code=code)
        for index, faults in enumerate(read)
        if not isinstance(faults, ReadSignUp)
        for field, code in faults
    ]


def _unfit(problems: Sequence[Problem]) -> Unfit:
    return Unfit(problems=problems[:PROBLEMS_SHOWN], omitted=max(len(problems) - PROBLEMS_SHOWN, 0))


def _of_a_sign_up(index: int, *, field: str, code: str) -> Problem:
    return Problem(index=index, field=field, problem=code, message=advice_on(code))


def _of_the_body(rejected: InputRejected) -> Problem:
    named = rejected.fields[0] if rejected.fields else ""
    return Problem(field=named, problem=rejected.reason, message=advice_on(rejected.reason))


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
    "tenant_not_allowed": "Name a tenant that this producer is set up for.",
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
    "blank": "Send a text that is not blank.",
    "invisible_character": "Send a text without invisible characters and marks of direction.",
    "value_error": "Send an ISO 8601 text, such as 2026-01-31T12:00:00Z.",
    "in_the_future": "Send when it happened: this is over five minutes ahead of our clock.",
    "timezone_aware": "Add the offset from UTC, such as Z.",
}
_OTHERWISE = f"Send what the schema asks for: {SCHEMA}."


def advice_on(code: str) -> str:
    """Return the sentence for a code; most codes of pydantic have only a pointer to the schema."""
    return _SENTENCES.get(code, _OTHERWISE)
