"""How many examples run: a part in `make test`, all of them in `make soak`."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

SOAK = "soak"

type Test = Callable[..., None]


def chosen_profile() -> str:
    """Return the profile in COUPONBUS_EXAMPLES (here, ci, soak), or the machine's default."""
    return os.environ.get("COUPONBUS_EXAMPLES") or ("ci" if os.environ.get("CI") else "here")


def amount(all_of_it: int, *, few: int) -> int:
    """Return how many expensive examples run in this profile."""
    return all_of_it if chosen_profile() == SOAK else few


def thorough(examples: int, *, few: int) -> Callable[[Test], Test]:
    """Mark a property whose examples are expensive: `make soak` runs all of them."""

    def marked(test: Test) -> Test:
        return pytest.mark.thorough(settings(max_examples=amount(examples, few=few))(test))

    return marked
