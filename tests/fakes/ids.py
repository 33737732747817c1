"""Ids that count, so that a test can name the third one."""


class CountingIds:
    """id-1, id-2, ...; the prefix keeps several sources apart."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix = prefix
        self.given = 0

    def new(self) -> str:
        self.given += 1
        return f"{self._prefix}-{self.given}"
