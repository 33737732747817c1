"""Parses messages of both queues of webhooks into the keys that they ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.domain.strict_json import strict_json
from couponbus.events.commands import AttemptDeliveries
from couponbus.usecases.messages import InvalidMessage, Message, invalid_message


@dataclass(slots=True)
class Attempts:
    """The keys that a batch asks for; a delivery asked for in both ways is tried in any case."""

    first: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    invalid: list[InvalidMessage] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Every key once, in an order that does not change from run to run."""
        return sorted(self.first | self.again)

    def waits_for_failing(self, key: str) -> bool:
        """Whether it was asked for only as a first attempt, at an endpoint taken for healthy."""
        return key not in self.again


def sort_attempts(messages: Sequence[Message]) -> Attempts:
    """Sort a batch; an invalid message does not affect the others."""
    attempts = Attempts()
    for message in messages:
        try:
            command = _command(message)
        except InputRejected as rejected:
            attempts.invalid.append(invalid_message(message, rejected))
        else:
            (attempts.first if command.attempt == "first" else attempts.again).update(command.keys)
    return attempts


def _command(message: Message) -> AttemptDeliveries:
    content = strict_json(message.body)
    try:
        return AttemptDeliveries.model_validate(content)
    except ValidationError:
        raise InputRejected("not_a_command") from None
