"""Whether the values read are those in the answer: equal, fewer, or in another notation."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from couponbus.domain.polling.offer import When
from couponbus.domain.polling.redemption import CustomParams, StatedTime
from tests.fuzz.places import GONE, Path, at

type Fact = tuple[Path, object]

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Meanings:
    """The meaning of each place of a valid answer, by the place and its text."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, str], object] = {}

    def learn(self, facts: Iterable[Fact], said: object) -> None:
        """Store what was read from a valid answer as its meaning."""
        for path, fact in facts:
            self._known[_place(path), repr(at(said, path))] = fact

    def lies(self, facts: Iterable[Fact], said: object) -> list[tuple[Path, object, object]]:
        """Return the facts that are not in the answer: place, value read, value there."""
        return [
            (path, seen, there)
            for path, seen in facts
            if not self._is_true(path, seen, there := at(said, path))
        ]

    def _is_true(self, path: Path, seen: object, there: object) -> bool:
        known = self._known.get((_place(path), repr(there)), GONE)
        if known is not GONE and seen != known:
            return False
        # The code under test also read the known meaning, so it must be in the answer as well.
        return seen is None or seen == () or is_said(seen, there)


def _place(path: Path) -> Path:
    return tuple(0 if isinstance(step, int) else step for step in path)


def is_said(seen: object, there: object) -> bool:
    """Whether a value is the one in the answer, possibly in another notation."""
    if isinstance(seen, bool):
        return _FLAGS.get(str(there).lower(), GONE) is seen
    if isinstance(seen, int | float | Decimal):
        return _number(there) == Decimal(seen) or _number(there) == Decimal(str(seen))
    if isinstance(seen, str):
        return seen == there or (type(there) is int and seen == str(there))
    if isinstance(seen, tuple):
        return isinstance(there, list) and list(seen) == there
    if isinstance(seen, date):
        return _is_date(seen, there)
    return _is_in_its_words(seen, there)


def _is_in_its_words(seen: object, there: object) -> bool:
    if isinstance(seen, CustomParams):
        return seen.raw == there or (isinstance(there, Mapping) and seen.values == there)
    if isinstance(seen, StatedTime):
        # The tests of the dates check the moment; this checks only its text.
        return isinstance(there, str) and seen.raw == there[: len(seen.raw)] != ""
    if isinstance(seen, When):
        return seen.raw == there
    return seen == there


def _number(there: object) -> Decimal | None:
    if isinstance(there, bool) or not isinstance(there, int | float | str | Decimal):
        return None
    if isinstance(there, float) and not math.isfinite(there):
        return None
    try:
        return Decimal(there)
    except InvalidOperation:
        return None


def _is_date(seen: date, there: object) -> bool:
    if not isinstance(there, str):
        return False
    if not isinstance(seen, datetime):
        return there.strip().startswith(seen.isoformat())
    try:
        moment = datetime.fromisoformat(there.strip())
    except ValueError:
        return False
    return seen == (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
