"""One bad item among many: what raises an unexpected error, or cannot be read, fails alone."""

from collections.abc import Callable, Sequence

from couponbus.domain.errors import (
    ConfigurationInvalid,
    LedgerUnavailable,
    RowsBroken,
    Unavailable,
)
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.messages import Message
from couponbus.usecases.metrics import Metric


def bisect_batch[Item](
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], list[str]],
    *,
    failed: Callable[[Sequence[Item]], list[str]],
    run: Invocation,
) -> list[str]:
    """Return the messages that must come again, after halving a batch until one item fails alone.

    `failed` returns the messages of items. Where one of our own parts is silent, that is the
    trouble of no item: all come again. Halves that were carried already do nothing twice.
    """
    try:
        return work(items)
    except Unavailable as silent:
        run.broken.update(silent.broken if isinstance(silent, LedgerUnavailable) else ())
        return failed(items)
    except RowsBroken as met:
        run.broken.update(met.keys)
    except ConfigurationInvalid:
        run.count(Metric.MISCONFIGURED, int(len(items) == 1))
    except Exception as bug:
        run.bugs.append(type(bug).__name__)
    if len(items) <= 1:
        return failed(items)
    middle = len(items) // 2
    first = bisect_batch(items[:middle], work, failed=failed, run=run)
    return first + bisect_batch(items[middle:], work, failed=failed, run=run)


def ids_of(messages: Sequence[Message]) -> list[str]:
    """Return the ids of messages."""
    return [message.message_id for message in messages]
