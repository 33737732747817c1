"""Base of all ledger rows: a key, a revision for optimistic locking, and an outbox of one event."""

import re
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import RowsBroken

TRAIL_LIMIT = 24
DETAIL_BYTES = 512  # of a step; an item of the table has room for 400 KB in all
MARK = "\u2026"
LOOK_UP_FAILED = "look-up failed"  # of an issuance or a resolution; the index `due` shows it
_TIMES = re.compile(r", (\d+) times, the last at ")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a row's history; `what` is a code, `detail` never holds personal data."""

    at: datetime
    what: str
    detail: str = ""


def cut(text: str, *, most: int) -> str:
    """Return the text, cut to `most` bytes of UTF-8 and marked if it is longer."""
    if 4 * len(text) <= most or len(text.encode()) <= most:
        return text
    room = most - len(MARK.encode())
    return text.encode()[:room].decode(errors="ignore") + MARK


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class Row:
    """Optimistic locking: a write succeeds only over `revision - 1`; revision 0 is not stored yet.

    `write_id` lets a worker recognise its own write when the answer was lost.
    `due_at` is when the sweeper picks the row up; before `ready_at` no worker may act.
    `outcomes` counts decided outcomes, `published` those that reached the bus.
    """

    revision: int = 0
    write_id: str = ""
    due_at: datetime | None = None
    ready_at: datetime | None = None
    outcomes: int = 0
    published: int = 0
    published_at: datetime | None = None
    trail: tuple[Step, ...] = ()

    @property
    def key(self) -> str:
        """Where the row is kept: its kind, `#`, its id."""
        raise AttributeError("a row needs a key")

    @property
    def unpublished(self) -> bool:
        """Whether an outcome was decided that did not reach the bus."""
        return self.outcomes > self.published

    def is_ready(self, now: datetime) -> bool:
        """Whether the time to act on it has come."""
        return self.ready_at is None or self.ready_at <= now

    def step(self, at: datetime, what: str, detail: str = "") -> tuple[Step, ...]:
        """Return the trail with one more step; if it is too long, the fifth is dropped."""
        trail = (*self.trail, Step(at, what, cut(detail, most=DETAIL_BYTES)))
        if len(trail) <= TRAIL_LIMIT:
            return trail
        return (*trail[:4], *trail[5:])

    def step_again(self, at: datetime, what: str, detail: str) -> tuple[Step, ...]:
        """Return the trail with one more step, counted in the last one if that is the same.

        It keeps the time of the first, and has the detail of the last.
        """
        if not self.trail or self.trail[-1].what != what:
            return self.step(at, what, detail)
        first = self.trail[-1]
        counted = _TIMES.search(first.detail)
        times = 2 if counted is None else int(counted[1]) + 1
        last = f", {times} times, the last at {at:%Y-%m-%d %H:%M:%S} UTC"
        said = cut(detail, most=DETAIL_BYTES - len(last)) + last
        return (*self.trail[:-1], Step(first.at, what, said))

    def written(self, write_id: str) -> Self:
        """Return the row as its next revision, to be stored over the present one."""
        return replace(self, revision=self.revision + 1, write_id=write_id)

    def handed_over(self, *, until: datetime) -> Self:
        """Return the row with its sweep postponed, because it was handed to a queue."""
        return replace(self, due_at=until)

    def announced(self, *, now: datetime) -> Self:
        """Return the row with its last outcome published; nothing is due any more."""
        return replace(self, published=self.outcomes, published_at=now, due_at=None)


class Rows(Mapping[str, Row]):
    """The rows that were read, by key; `broken` has the keys of those that cannot be read.

    What cannot be read is not absent: looking such a key up raises RowsBroken, it gives no None.
    The values are the rows that were read.
    """

    def __init__(self, found: Mapping[str, Row], *, broken: Iterable[str] = ()) -> None:
        """Keep the rows, and the keys of the broken ones."""
        self._found = found
        self.broken = frozenset(broken)

    def __getitem__(self, key: str) -> Row:
        """Return the row of a key. Raises KeyError if it is absent, RowsBroken if unreadable."""
        if key in self.broken:
            raise RowsBroken([key])
        return self._found[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys of the rows that were read."""
        return iter(self._found)

    def __len__(self) -> int:
        """Return how many rows were read."""
        return len(self._found)

    def readable(self, key: str) -> Row | None:
        """Return the row of a key, None where there is none and where it is broken."""
        return self._found.get(key)

    def of[R: Row](self, kind: type[R]) -> list[R]:
        """Return the rows of a kind, in the order of the requested keys."""
        return [row for row in self._found.values() if isinstance(row, kind)]

    def values(self) -> ValuesView[Row]:
        """Return the rows, in the order of the requested keys."""
        return self._found.values()

    def items(self) -> ItemsView[str, Row]:
        """Return the rows with their keys."""
        return self._found.items()

    def plus(self, others: "Rows") -> "Rows":
        """Return the rows of both."""
        return Rows({**self._found, **others._found}, broken=self.broken | others.broken)


def own_keys(keys: Iterable[str], *kinds: Callable[[str], str]) -> list[str]:
    """Return the keys that these functions make; a message may name any, a role may read some."""
    prefixes = tuple(key_of("") for key_of in kinds)
    return [key for key in keys if key.startswith(prefixes)]


type Transition[R: Row] = Callable[[R], R]
