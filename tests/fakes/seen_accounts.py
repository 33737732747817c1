"""The accounts that were seen, in memory."""

from collections.abc import Collection


class MemorySeenAccounts:
    """A set."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def all(self) -> frozenset[str]:
        return frozenset(self.ids)

    def see(self, ids: Collection[str]) -> None:
        self.ids |= set(ids)

    def forget(self, ids: Collection[str]) -> None:
        self.ids -= set(ids)
