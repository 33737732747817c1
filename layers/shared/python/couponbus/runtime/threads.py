"""An executor that runs several jobs at a time, none of them waiting for a thread."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from queue import SimpleQueue


class ThreadedExecutor:
    """`ports.Executor`: at most `size` jobs of a run at once, on threads that stay for the next.

    Jobs are taken from their source in the caller's own thread, and only when a thread is free:
    a source may sleep until the next job may start.
    """

    def __init__(self, *, size: int) -> None:
        """Start no thread yet."""
        self._size = size

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        """Yield each result when it is there.

        A caller that stops early takes no further job, and waits for those that are running: a
        frozen Lambda would leave them half done.
        """
        done: SimpleQueue[Future[R]] = SimpleQueue()
        under_way = 0
        try:
            for job in jobs:
                self._threads.submit(job).add_done_callback(done.put)
                under_way += 1
                while under_way == self._size or not done.empty():
                    under_way -= 1
                    yield done.get().result()
            while under_way:
                under_way -= 1
                yield done.get().result()
        finally:
            for _ in range(under_way):
                done.get()

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max_workers=self._size, thread_name_prefix="job")
