"""Each step costs what `held.txt` says: what makes it dearer, or cheaper, changes its line."""

from tests.benchmarks.cost.held import differences, measured


def test_each_step_costs_what_is_held() -> None:
    assert differences(measured()) == []  # python -m tests.benchmarks.cost.held
