"""The harness detects each known bug about webhooks, planted in the real code."""

from collections.abc import Callable

import pytest

from tests.simulation.webhooks.hunts import ELSEWHERE, HUNTS, Hunt
from tests.thorough import amount


@pytest.mark.thorough
@pytest.mark.parametrize("hunt", HUNTS[:: amount(1, few=2)], ids=lambda hunt: hunt.mutant.name)
def test_a_planted_mistake_is_noticed(
    hunt: Hunt, record_property: Callable[[str, object], None]
) -> None:
    report = hunt.first()

    assert report is not None
    record_property(f"first failing {hunt.by}", list(report.plan) or report.seed)


def test_each_mistake_is_hunted_once() -> None:
    names = [hunt.mutant.name for hunt in HUNTS]

    assert len(set(names)) == len(names)
    assert ELSEWHERE.keys() <= set(names)
