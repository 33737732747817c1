"""Parses messages of the polls queue into commands; an invalid message gets a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.domain.polling.watch import Watch
from couponbus.domain.strict_json import strict_json
from couponbus.events.base import Command
from couponbus.events.commands import ContinueWork, EndWatches, PollSpans, WatchCustomers
from couponbus.usecases.causes import Failures
from couponbus.usecases.messages import InvalidMessage, Message, invalid_message

FIELDS_SHOWN = 20
_KINDS: Mapping[str, type[Command]] = {
    "ContinueWork": ContinueWork,
    "EndWatches": EndWatches,
    "PollSpans": PollSpans,
    "WatchCustomers": WatchCustomers,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandMessage[C: Command]:
    """A command and its message, which is identified by its content if it is invalid."""

    message: Message
    command: C


@dataclass(frozen=True, slots=True, kw_only=True)
class PollArrivals:
    """A batch of the polls queue, sorted."""

    spans: Sequence[CommandMessage[PollSpans]]
    hints: Sequence[CommandMessage[ContinueWork]]
    customers: Sequence[CommandMessage[WatchCustomers]]
    endings: Sequence[CommandMessage[EndWatches]]
    invalid: Sequence[InvalidMessage]


@dataclass(slots=True)
class Begun:
    """Watches that need their first poll, messages to redeliver, and invalid messages."""

    watches: list[Watch] = field(default_factory=list)
    failed: Failures = field(default_factory=dict)
    invalid: list[InvalidMessage] = field(default_factory=list)


def sort_poll_messages(messages: Sequence[Message]) -> PollArrivals:
    """Sort a batch; an invalid message does not affect the others."""
    found: list[CommandMessage[Command]] = []
    invalid: list[InvalidMessage] = []
    for message in messages:
        try:
            found.append(CommandMessage(message=message, command=_command(message)))
        except InputRejected as rejected:
            invalid.append(invalid_message(message, rejected))
    return PollArrivals(
        spans=_of(PollSpans, found),
        hints=_of(ContinueWork, found),
        customers=_of(WatchCustomers, found),
        endings=_of(EndWatches, found),
        invalid=invalid,
    )


def _of[C: Command](
    kind: type[C], found: Sequence[CommandMessage[Command]]
) -> list[CommandMessage[C]]:
    return [
        CommandMessage(message=one.message, command=one.command)
        for one in found
        if isinstance(one.command, kind)
    ]


def _command(message: Message) -> Command:
    content = strict_json(message.body)
    named = content.get("type") if isinstance(content, dict) else None
    kind = _KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        raise InputRejected("not_a_command", fields=("type",))
    try:
        return kind.model_validate(content)
    except ValidationError as wrong:
        fields = _fields(wrong)
    raise InputRejected("schema", fields=fields)


def _fields(wrong: ValidationError) -> tuple[str, ...]:
    """Return the paths of the invalid fields; their values may be personal."""
    errors = wrong.errors(include_url=False, include_input=False, include_context=False)
    places = (".".join(_part(part, each["type"]) for part in each["loc"]) for each in errors)
    return tuple(dict.fromkeys(places))[:FIELDS_SHOWN]


def _part(part: int | str, problem: str) -> str:
    """Hide a key that the schema does not know."""
    return "*" if problem == "extra_forbidden" and isinstance(part, str) else str(part)
