"""The duration of AWS calls by the number of their items, for simulations and benchmarks.

A transaction of a hundred rows takes some 150 ms, a batch of a hundred rows read some 20 ms (with
the client's own time), a page of an index some 20 ms, ten messages some 10 ms.
"""

from math import ceil

TOGETHER = 100
TRANSACTION, BATCH_READ, INDEX_PAGE, TEN_MESSAGES = 0.150, 0.020, 0.020, 0.010


def seconds_to_write(rows: int) -> float:
    """Return how long transactions of this many rows take, one after the other."""
    return _calls(rows) * _share(rows) * TRANSACTION


def seconds_to_read(keys: int) -> float:
    """Return how long it takes to read this many rows by their keys."""
    return _calls(keys) * _share(keys) * BATCH_READ


def seconds_to_send(messages: int) -> float:
    """Return how long it takes to send this many messages."""
    return ceil(messages / 10) * TEN_MESSAGES


def _calls(things: int) -> int:
    return ceil(things / TOGETHER)


def _share(things: int) -> float:
    """Return the cost of a call relative to a full one; a fifth of it is fixed."""
    calls = _calls(things)
    return 0.2 + 0.8 * things / (calls * TOGETHER) if calls else 0.0
