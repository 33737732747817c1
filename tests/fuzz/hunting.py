"""How many examples a property of this folder gets, and whether it finds a planted mistake."""

from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings
from hypothesis.strategies import SearchStrategy

BOUNDED = 500  # examples within which each planted mistake is found
FEW = 200


def examples() -> int:
    """Return how many examples fit into `make test`, or what a profile asks for beyond that."""
    chosen = settings.get_current_profile_name()
    return max(FEW, settings.get_profile(chosen).max_examples)


def assert_found(
    check: Callable[[bytes], None],
    bodies: SearchStrategy[bytes],
    *,
    failing_with: type[Exception] = AssertionError,
) -> None:
    """Fail unless the check fails within BOUNDED examples, none of which is stored."""

    @settings(
        max_examples=BOUNDED,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(body=bodies)
    def hunt(body: bytes) -> None:
        check(body)

    with pytest.raises(failing_with):
        hunt()
