"""Parses messages of the publishers into event records; an invalid message gets a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_json
from couponbus.domain.webhooks.event_record import EventRecord, body_text
from couponbus.events.field_types import Name
from couponbus.events.notification import Notification
from couponbus.ports.shared import Clock
from couponbus.usecases.messages import InvalidMessage, Message, invalid_message

_NAME: TypeAdapter[str] = TypeAdapter(Name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """A message, and the event in it as it will be stored."""

    message: Message
    event: EventRecord


@dataclass(slots=True)
class Notifications:
    """A batch, sorted."""

    notified: list[Notified] = field(default_factory=list)
    invalid: list[InvalidMessage] = field(default_factory=list)


def sort_notifications(messages: Sequence[Message], *, clock: Clock) -> Notifications:
    """Sort the events of a batch; an invalid one does not affect the others.

    A message has one event, or a list of them. All have the same moment.
    """
    sorted_ = Notifications()
    now = clock.now()
    for message in messages:
        try:
            content = strict_json(message.body)
        except InputRejected as rejected:
            sorted_.invalid.append(invalid_message(message, rejected))
            continue
        for each in content if isinstance(content, list) and content else [content]:
            _sort(each, message, sorted_, now=now)
    return sorted_


def _sort(content: object, message: Message, sorted_: Notifications, *, now: datetime) -> None:
    try:
        event = _event(content, now=now)
    except InputRejected as rejected:
        sorted_.invalid.append(invalid_message(message, rejected))
    else:
        sorted_.notified.append(Notified(message=message, event=event))


def _event(content: object, *, now: datetime) -> EventRecord:
    try:
        found = Notification.model_validate(content)
    except ValidationError as wrong:
        fields = _fields(wrong)
    else:
        return _past(found, _detail_of(content), now=now)
    raise InputRejected("schema", fields=fields)


def _fields(wrong: ValidationError) -> tuple[str, ...]:
    """Return the paths of the invalid fields; the names are ours, as no other is checked."""
    errors = wrong.errors(include_url=False, include_input=False, include_context=False)
    return tuple(dict.fromkeys(".".join(map(str, each["loc"])) for each in errors))


def _detail_of(content: object) -> Mapping[str, object]:
    """Return the detail word for word: the model has converted its times."""
    detail = content["detail"] if isinstance(content, dict) else None
    return detail if isinstance(detail, dict) else {}


def _past(found: Notification, detail: Mapping[str, object], *, now: datetime) -> EventRecord:
    metadata, data = detail["metadata"], found.detail.data
    body = {
        "type": found.detail_type,
        "timestamp": metadata["occurred_at"] if isinstance(metadata, dict) else None,
        "source": found.source,
        "metadata": metadata,
        "data": detail["data"],
    }
    return EventRecord(
        event_id=found.detail.metadata.id,
        tenant=found.detail.metadata.tenant,
        source=found.source,
        detail_type=found.detail_type,
        event_at=now,
        body=_sendable(body_text(body)),
        customer_ref=_name(data.get("customer_ref")),
    )


def _sendable(body: str) -> str:
    """Return the body; refuse what JSON can say and UTF-8 cannot, a lone surrogate."""
    try:
        body.encode()
    except UnicodeEncodeError:
        rejected = InputRejected("not_unicode", fields=("detail",))
    else:
        return body
    raise rejected


def _name(value: object) -> str | None:
    """Return a name that an index can hold, otherwise None."""
    try:
        return _NAME.validate_python(value, strict=True)
    except ValidationError:
        return None
