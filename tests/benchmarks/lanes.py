"""The shape in which the stream of a table comes to the publisher."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched

from tests.benchmarks.units import Change

PARTITIONS = 4  # of a new table on demand
LANES = 16  # with the parallel batches of each; the stack has no window that would collect more
BATCH = 100


def in_lanes(changes: Iterable[Change]) -> Iterator[Sequence[Change]]:
    """Yield the batches of the publisher: rows to publish, each in the lane of its key."""
    lanes: defaultdict[int, list[Change]] = defaultdict(list)
    for before, after in changes:
        if after is not None and "unpublished" in after:
            place = zlib.crc32(json.dumps(after["pk"]).encode())
            lanes[place % LANES].append((before, after))
    for lane in lanes.values():
        yield from batched(lane, BATCH, strict=False)
