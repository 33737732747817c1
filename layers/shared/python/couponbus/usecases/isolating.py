"""One bad message among many: what the code stumbles on fails alone."""

from collections.abc import Callable, Sequence

from couponbus.domain.errors import LedgerUnavailable
from couponbus.usecases.intake import Message
from couponbus.usecases.round import Round

type Work = Callable[[Sequence[Message]], list[str]]


def isolated(messages: Sequence[Message], work: Work, *, turn: Round) -> list[str]:
    """Return the messages that must come again, after halving a batch until one fails alone.

    A ledger that is silent is nobody's own trouble: all come again. A row that cannot be read is
    the trouble of those that need it.
    """
    try:
        return work(messages)
    except Exception as problem:
        if isinstance(problem, LedgerUnavailable):
            return [message.message_id for message in messages]
        turn.stumbles.append(type(problem).__name__)
    if len(messages) <= 1:
        return [message.message_id for message in messages]
    middle = len(messages) // 2
    first = isolated(messages[:middle], work, turn=turn)
    return first + isolated(messages[middle:], work, turn=turn)
