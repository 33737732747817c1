"""The course of each run: faults for a while, then none, until the run is at rest."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.simulation.world import World

STEP = 120.0


def run_through(
    world: World,
    *,
    chaos: float,
    recovery: float,
    calm: Callable[[], None],
    is_quiet: Callable[[], bool],
    step: float = STEP,
) -> bool:
    """Run the world: `calm` is called at `chaos`; returns whether it came to rest in time."""
    world.at(chaos, calm)
    with silence():
        world.run(until=chaos)
        while world.now < chaos + recovery and not is_quiet():
            world.run(until=world.now + step)
    return is_quiet()


@contextmanager
def silence() -> Iterator[None]:
    """Silence the product's log: a run refuses thousands of calls."""
    logger = logging.getLogger("couponbus")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
