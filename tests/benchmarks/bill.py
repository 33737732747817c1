"""What AWS bills for: counts that add up, and can be shared by several things."""

from dataclasses import dataclass, fields
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Write units of table and indexes, read units, requests, bytes, and time of functions."""

    table: float = 0.0
    index: float = 0.0
    reads: float = 0.0
    requests: float = 0.0  # to DynamoDB
    sqs: float = 0.0
    bus: float = 0.0
    invocations: float = 0.0
    gigabyte_seconds: float = 0.0
    bytes: float = 0.0
    logged: float = 0.0  # bytes

    @property
    def written(self) -> float:
        """Return all write units."""
        return self.table + self.index

    def __add__(self, other: Self) -> Self:
        return self._with(other, sign=1)

    def __sub__(self, other: Self) -> Self:
        return self._with(other, sign=-1)

    def __truediv__(self, number: float) -> Self:
        return type(self)(**{each.name: getattr(self, each.name) / number for each in fields(self)})

    def _with(self, other: Self, *, sign: int) -> Self:
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return type(self)(
            **{name: count + sign * getattr(other, name) for name, count in mine.items()}
        )
