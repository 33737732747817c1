"""Parses message bodies into sign-ups and commands; an invalid message gets a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.domain.row import Step
from couponbus.domain.tenancy import ANY_TENANT, DEFAULT_TENANT, Tenancy
from couponbus.events.commands import ContinueWork
from couponbus.events.sign_up import CustomerSignedUp
from couponbus.usecases.issuing.envelopes import Content, parts_of
from couponbus.usecases.issuing.sign_up_reading import ReadSignUp, read_each
from couponbus.usecases.messages import (
    InvalidMessage,
    Message,
    invalid_event,
    invalid_message,
    name_of,
    tenant_of,
)

FIELDS_SHOWN = 20
TENANT_NOT_ALLOWED = "tenant_not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """A sign-up with the event that carried it, which programs match against.

    `dropped` has the paths of fields that could not be read and were not needed to read the rest.
    `past` is the arrival of one that was kept, with which the trail of its row begins.
    """

    message_id: str
    event: CustomerSignedUp
    envelope: Mapping[str, object] = field(repr=False)
    dropped: tuple[str, ...] = ()
    past: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """A batch of messages, sorted; one message may carry several sign-ups."""

    sign_ups: Sequence[SignUp]
    commands: Sequence[ContinueWork]
    invalid: Sequence[InvalidMessage]


@dataclass(frozen=True, slots=True)
class _Opened:
    message: Message
    envelope: Mapping[str, object]
    detail: Mapping[str, object]
    place: int


def sort_messages(
    messages: Sequence[Message], *, now: datetime, tenancy: Tenancy = ANY_TENANT
) -> Arrivals:
    """Sort a batch that arrived now; its sign-ups are validated in one call if none is odd."""
    opened: list[_Opened] = []
    commands: list[ContinueWork] = []
    invalid: list[InvalidMessage] = []
    for message in messages:
        for found in _contents(message):
            if isinstance(found, ContinueWork):
                commands.append(found)
            elif isinstance(found, InvalidMessage):
                invalid.append(found)
            elif _is_allowed(found, tenancy):
                opened.append(found)
            else:
                invalid.append(_of_another_tenant(found))
    sign_ups, wrong = _read(opened, now=now)
    return Arrivals(sign_ups=sign_ups, commands=commands, invalid=_named_once(invalid + wrong))


def _contents(message: Message) -> list[_Opened | ContinueWork | InvalidMessage]:
    try:
        parts = parts_of(message.body)
    except InputRejected as rejected:
        return [invalid_message(message, rejected)]
    return [
        invalid_message(message, part)
        if isinstance(part, InputRejected)
        else _open(message, part, place=place)
        for place, part in enumerate(parts)
    ]


def _open(
    message: Message, content: Content, *, place: int
) -> _Opened | ContinueWork | InvalidMessage:
    if content.get("type") == "ContinueWork":
        return _command(message, content)
    if "detail-type" not in content:
        envelope = {"source": "sqs", "detail-type": "CustomerSignedUp", "detail": content}
        return _Opened(message, envelope, content, place)
    if content["detail-type"] != CustomerSignedUp.detail_type:
        return invalid_event(message, InputRejected("unexpected_detail_type"), content, {})
    detail = content.get("detail")
    if not isinstance(detail, dict):
        return invalid_event(
            message, InputRejected("not_an_object", fields=("detail",)), content, {}
        )
    return _Opened(message, content, detail, place)


def _named_once(invalid: Sequence[InvalidMessage]) -> list[InvalidMessage]:
    """Leave one of the unusable parts of a message that have no sign-up id: they are kept whole."""
    unnamed = {one.message_id: one for one in reversed(invalid) if one.signup_id is None}
    return [one for one in invalid if one.signup_id or unnamed[one.message_id] is one]


def _is_allowed(opened: _Opened, tenancy: Tenancy) -> bool:
    """Whether its source may name its tenant; an invalid tenant is left to the schema."""
    if not tenancy.by_source:
        return True
    tenant = tenant_of(opened.detail)
    return tenant is None or tenancy.allows(
        source=name_of(opened.envelope.get("source")), tenant=tenant
    )


def _of_another_tenant(opened: _Opened) -> InvalidMessage:
    """Return it as invalid, so that no event is published for the tenant that it names."""
    detail = {**opened.detail, "tenant": DEFAULT_TENANT}
    rejected = InputRejected(TENANT_NOT_ALLOWED, fields=("tenant",))
    return invalid_event(opened.message, rejected, opened.envelope, detail, place=opened.place)


def _command(message: Message, content: Content) -> ContinueWork | InvalidMessage:
    try:
        return ContinueWork.model_validate(content)
    except ValidationError:
        return invalid_message(message, InputRejected("not_a_command"))


def _read(opened: Sequence[_Opened], *, now: datetime) -> tuple[list[SignUp], list[InvalidMessage]]:
    sign_ups: list[SignUp] = []
    bad: list[InvalidMessage] = []
    for one, read in zip(opened, read_each([one.detail for one in opened], now=now), strict=True):
        if isinstance(read, ReadSignUp):
            sign_ups.append(
                SignUp(
                    message_id=one.message.message_id,
                    event=read.event,
                    envelope=one.envelope,
                    dropped=read.dropped,
                )
            )
            continue
        fields = tuple(f"{field}: {code}" for field, code in read)[:FIELDS_SHOWN]
        rejected = InputRejected("schema", fields=fields)
        bad.append(invalid_event(one.message, rejected, one.envelope, one.detail, place=one.place))
    return sign_ups, bad
