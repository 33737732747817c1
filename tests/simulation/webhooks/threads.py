"""Concurrent jobs in one invocation: each takes its own time, none waits for another."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from tests.simulation.world import World


class SimulatedThreads:
    """The port Executor; results come in the order in which they are ready."""

    def __init__(self, world: World) -> None:
        self._world = world

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        done: deque[R] = deque()
        errors: list[Exception] = []

        def beside(job: Callable[[], R]) -> None:
            try:
                done.append(job())
            except Exception as error:
                errors.append(error)

        under_way = 0
        for job in jobs:
            self._world.fork(lambda job=job: beside(job))  # type: ignore[misc]
            under_way += 1
        while under_way:
            while not done and not errors:
                self._world.rest()
            if errors:
                raise errors[0]
            under_way -= 1
            yield done.popleft()
