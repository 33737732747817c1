"""Sources of arbitrary values: one for each seed, or the next one."""

import itertools
import random
import string
from datetime import UTC, datetime, timedelta

SPRING = datetime(2026, 4, 1, tzinfo=UTC)
_next_seed = itertools.count(1)


def draw(seed: int | None) -> random.Random:
    """Return a new source of values for this seed, or for the next one."""
    return random.Random(next(_next_seed) if seed is None else seed)


def any_word(*, seed: int | None = None) -> str:
    return "".join(draw(seed).choices(string.ascii_lowercase, k=10))


def any_number(*, seed: int | None = None) -> int:
    return draw(seed).randint(1, 2**40)


def any_moment(*, seed: int | None = None) -> datetime:
    return SPRING + timedelta(microseconds=draw(seed).randrange(60 * 86_400_000_000))


def any_email(*, seed: int | None = None) -> str:
    return f"{any_word(seed=seed)}@customer.example"
