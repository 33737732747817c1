"""Concurrent jobs: their results come later than they were computed, and in any order."""

from collections.abc import Callable, Iterable, Iterator

from tests.simulation.world import World


class SimulatedExecutor:
    """The port Executor; up to `threads` results may be under way."""

    def __init__(self, world: World, *, threads: int) -> None:
        self._world = world
        self._threads = threads

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        under_way: list[R] = []
        for job in jobs:
            under_way.append(job())
            if len(under_way) >= self._threads:
                yield self._any_of(under_way)
        while under_way:
            yield self._any_of(under_way)

    def _any_of[R](self, results: list[R]) -> R:
        return results.pop(self._world.weather.randrange(len(results)))
