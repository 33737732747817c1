"""From the bodies of the delivery queues to keys; what is none is set apart with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from couponbus.domain.errors import InputRejected
from couponbus.events.commands import AttemptDeliveries
from couponbus.usecases.messages import InvalidMessage, Message, invalid_message
from couponbus.usecases.strict_json import strict_json


@dataclass(slots=True)
class Attempts:
    """What a batch asks for, by key; one that is asked for both ways is tried in any case."""

    first: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    invalid: list[InvalidMessage] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Every key once, in an order that does not change from run to run."""
        return sorted(self.first | self.again)

    def waits_for_failing(self, key: str) -> bool:
        """Whether it was asked for only by whoever took its endpoint for well."""
        return key not in self.again


def sort_attempts(messages: Sequence[Message]) -> Attempts:
    """Sort a batch; each message stands for itself."""
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
