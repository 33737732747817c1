"""A message of a queue, and one that is invalid at every attempt (a poison message)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import TypeAdapter, ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.domain.tenancy import DEFAULT_TENANT
from couponbus.domain.trace import trace_id_in
from couponbus.events.field_types import Name

_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a queue."""

    message_id: str
    body: str = field(repr=False)
    queue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidMessage:
    """A message that is invalid at every attempt; `sha256` identifies its bytes.

    `place` is that of a sign-up in it, when it carries several.
    """

    message_id: str
    reason: str
    fields: tuple[str, ...]
    event_id: str | None
    signup_id: str | None
    tenant: str | None
    sha256: str
    size: int
    place: int = 0
    source: str | None = None
    queue: str | None = None
    trace_id: str | None = None


def invalid_message(message: Message, rejected: InputRejected) -> InvalidMessage:
    """Return the invalid message for one from which no event could be read."""
    return invalid_event(message, rejected, {}, {})


def invalid_event(
    message: Message,
    rejected: InputRejected,
    envelope: Mapping[str, object],
    detail: Mapping[str, object],
    *,
    place: int = 0,
) -> InvalidMessage:
    """Return the invalid message with the ids of its event, as far as they can be read."""
    raw = message.body.encode("utf-8", "surrogatepass")
    return InvalidMessage(
        message_id=message.message_id,
        reason=rejected.reason,
        fields=rejected.fields,
        event_id=name_of(envelope.get("id")),
        signup_id=name_of(detail.get("signup_id")),
        tenant=tenant_of(detail),
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        place=place,
        source=name_of(envelope.get("source")),
        queue=message.queue,
        trace_id=trace_id_in(detail.get("traceparent")),
    )


def is_absent(value: object) -> bool:
    """Whether a field says nothing: many producers send null or a blank text for that."""
    return value is None or (isinstance(value, str) and not value.strip())


def tenant_of(detail: Mapping[str, object]) -> str | None:
    """Return the tenant that a sign-up names, None if it is no name."""
    named = detail.get("tenant")
    return DEFAULT_TENANT if is_absent(named) else name_of(named)


def name_of(value: object) -> str | None:
    """Return the value if it is a name that can be stored and shown, otherwise None."""
    try:
        return _NAME.validate_python(value, strict=True)
    except ValidationError:
        return None
