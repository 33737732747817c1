"""Splits entries to be sent into calls of at most ten entries and 256 KB."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ENTRIES_PER_CALL = 10
BYTES_PER_CALL = 256 * 1024  # limit of PutEvents and of SendMessageBatch


@dataclass(frozen=True, slots=True)
class Batch[Entry]:
    """Entries of one call, with their places among all entries."""

    places: Sequence[int]
    entries: Sequence[Entry]


def batches[Entry](
    entries: Sequence[Entry], sizes: Sequence[int], places: Sequence[int]
) -> Iterator[Batch[Entry]]:
    """Yield the entries at these places in as few calls as their order allows."""
    taken: list[int] = []
    size = 0
    for place in places:
        if taken and (len(taken) == ENTRIES_PER_CALL or size + sizes[place] > BYTES_PER_CALL):
            yield Batch(taken, [entries[each] for each in taken])
            taken, size = [], 0
        taken.append(place)
        size += sizes[place]
    if taken:
        yield Batch(taken, [entries[each] for each in taken])
