"""Jobs run one after another, where order matters more than speed."""

from collections.abc import Callable, Iterable, Iterator


class InlineExecutor:
    """Runs each job when its result is requested; the next one is not taken before."""

    def run[R](self, jobs: Iterable[Callable[[], R]]) -> Iterator[R]:
        return (job() for job in jobs)
