"""The clock of a local stack's functions: the machine's, moved by the seconds in a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path


class MovingClock:
    """The file that the functions read; `seconds` is how far their present is from ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds = 0.0
        self._write()

    def now(self) -> datetime:
        """Return the functions' present, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.seconds)

    def advance(self, *, seconds: float) -> None:
        """Move by `seconds` more; a negative number moves back."""
        self.seconds += seconds
        self._write()

    def _write(self) -> None:
        # A function may read at any moment, and half of a number is a number too.
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{self.seconds}\n")
        fresh.replace(self.path)
