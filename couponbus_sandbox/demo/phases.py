"""How long each phase of a run took."""

import contextlib
import time
from collections.abc import Iterator


class Phases:
    """Seconds by the name of the phase, in the order of their ends."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure the block."""
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started
