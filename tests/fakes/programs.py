"""Programs in a list."""

from datetime import datetime

from couponbus.domain.issuing.program import Program, ProgramsInForce


class MemoryPrograms:
    """The programs in force, by name; a silent table is `failure`.

    `unreadable` has the names of those that this version cannot read.
    """

    def __init__(self, *programs: Program) -> None:
        self._programs = {program.name: program for program in programs}
        self.failure: Exception | None = None
        self.unreadable: set[str] = set()

    def active(self, *, since: datetime | None = None) -> ProgramsInForce:
        del since  # what is in memory is always fresh
        if self.failure is not None:
            raise self.failure
        readable = sorted(self._programs.keys() - self.unreadable)
        return ProgramsInForce(
            readable=[self._programs[name] for name in readable],
            unreadable=frozenset(self.unreadable & self._programs.keys()),
        )

    def put(self, program: Program) -> None:
        self._programs[program.name] = program
        self.unreadable.discard(program.name)

    def remove(self, name: str) -> bool:
        return self._programs.pop(name, None) is not None
