"""The requests to AWS, seen from inside botocore."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import botocore.handlers


class Wire:
    """Calls by operation."""

    def __init__(self) -> None:
        self._calls: Counter[str] | None = None

    def watch(self) -> None:
        """Observe the requests of all clients that are made from now on."""
        # The list in which botocore keeps its own hooks: the clients of a library get it too.
        botocore.handlers.BUILTIN_HANDLERS.append(("before-send", self._see))

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """Count the calls of the block."""
        calls: Counter[str] = Counter()
        self._calls = calls
        try:
            yield calls
        finally:
            self._calls = None

    def _see(self, event_name: str, **_: object) -> None:
        if self._calls is not None:
            self._calls[event_name.rpartition(".")[2]] += 1
