"""Programs in a list."""

from collections.abc import Sequence
from datetime import datetime

from couponbus.domain.program import Program


class MemoryPrograms:
    """The programs in force, by name; a broken or silent table is `failure`."""

    def __init__(self, *programs: Program) -> None:
        self._programs = {program.name: program for program in programs}
        self.failure: Exception | None = None

    def active(self, *, since: datetime | None = None) -> Sequence[Program]:
        del since  # what is in memory is always fresh
        if self.failure is not None:
            raise self.failure
        return [self._programs[name] for name in sorted(self._programs)]

    def put(self, program: Program) -> None:
        self._programs[program.name] = program

    def remove(self, name: str) -> bool:
        return self._programs.pop(name, None) is not None
