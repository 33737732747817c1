"""How much is tried: a part in each `make test`, all of it in `make soak`."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

SOAK = "soak"

type Test = Callable[..., None]


def chosen_profile() -> str:
    """Return what COUPONBUS_EXAMPLES names (here, ci, soak), or what fits the machine."""
    return os.environ.get("COUPONBUS_EXAMPLES") or ("ci" if os.environ.get("CI") else "here")


def amount(all_of_it: int, *, few: int) -> int:
    """Return how many of something dear are tried now."""
    return all_of_it if chosen_profile() == SOAK else few


def thorough(examples: int, *, few: int) -> Callable[[Test], Test]:
    """Mark a property of which each example is dear: `make soak` tries all of them."""

    def marked(test: Test) -> Test:
        return pytest.mark.thorough(settings(max_examples=amount(examples, few=few))(test))

    return marked
