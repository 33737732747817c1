"""A healthy endpoint alone and beside others, over the same events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from tests.benchmarks.webhooks.isolation import Delays, Load, measure
from tests.benchmarks.webhooks.neighbours import Neighbours
from tests.benchmarks.webhooks.receivers import Kind
from tests.benchmarks.webhooks.worker_queues import (
    DEPLOYED,
    LOCAL,
    Workers,
    all_endpoints_alike,
    one_queue,
    two_queues,
)

MANY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The endpoints beside the healthy one, and the number of workers."""

    name: str
    neighbours: Neighbours
    workers: Workers = LOCAL


ALONE = Setting(name="none", neighbours=Neighbours())
BESIDE_DEAD = Setting(
    name="20 that are dead",
    neighbours=Neighbours(kinds=(Kind.DEAD,) * MANY, failing_for=timedelta(hours=1)),
)
FALLING = Setting(
    name="20 that fall silent at once", neighbours=Neighbours(kinds=(Kind.DEAD,) * MANY)
)
OTHERS = (
    Setting(
        name="one that falls silent, one slow, one that hangs every second time",
        neighbours=Neighbours(kinds=(Kind.DEAD, Kind.SLOW, Kind.FLAPPING)),
    ),
    FALLING,
    Setting(name=FALLING.name, neighbours=FALLING.neighbours, workers=DEPLOYED),
    Setting(
        name="20 that answer after 10 s",
        neighbours=Neighbours(kinds=(Kind.SLOW,) * MANY),
        workers=DEPLOYED,
    ),
    Setting(
        name="20 that hang every second time",
        neighbours=Neighbours(kinds=(Kind.FLAPPING,) * MANY),
        workers=DEPLOYED,
    ),
)


def delays(setting: Setting, load: Load, *, seeds: Iterable[int]) -> Delays:
    """Return the delays of all runs together."""
    queues = partial(two_queues, workers=setting.workers)
    return _together(measure(setting.neighbours, load, queues=queues, seed=seed) for seed in seeds)


def delays_in_one_queue(setting: Setting, load: Load, *, seeds: Iterable[int]) -> Delays:
    """Return the delays of a design that treats all endpoints alike."""
    queues = partial(one_queue, workers=setting.workers)
    with all_endpoints_alike():
        return _together(
            measure(setting.neighbours, load, queues=queues, seed=seed) for seed in seeds
        )


def _together(several: Iterable[Delays]) -> Delays:
    return Delays(seconds=[seconds for one in several for seconds in one.seconds])
