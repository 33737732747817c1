"""The canonical run, crashed and disturbed at every call of a port."""

import pytest

from tests.simulation.canonical import canonical, crash_points, run_plan
from tests.simulation.false_answers import KEPT
from tests.simulation.faults import CRASH_BEFORE, KINDS, POST_FAULTS

WAY = range(len(crash_points(run_plan({}))))


def test_without_faults_both_customers_get_their_barcode_once() -> None:
    report = run_plan({})
    assert list(report.violations) == []
    assert report.issued == len(canonical().sign_ups)
    assert report.names.count("coniq.post") == len(canonical().sign_ups)
    assert {"ledger.due", "commands.send", "stream.batch", "coniq.get"} <= set(report.names)


def test_any_single_crash_is_survived() -> None:
    for point in crash_points(run_plan({})):
        report = run_plan({point: CRASH_BEFORE})
        assert report.crashes == 1
        assert (point, list(report.violations)) == (point, [])
        assert report.issued == len(canonical().sign_ups)


def test_pairs_of_crashes_are_survived() -> None:
    """For each first crash, every sixth second crash; random runs cover the rest."""
    pairs = 0
    for first in crash_points(run_plan({})):
        once = run_plan({first: CRASH_BEFORE})
        for second in [*crash_points(once, after=first)][first % 6 :: 6]:
            report = run_plan({first: CRASH_BEFORE, second: CRASH_BEFORE})
            pairs += 1
            assert report.crashes == 2
            assert (first, second, list(report.violations)) == (first, second, [])
    assert pairs > len(WAY) ** 2 / 12


def test_any_single_fault_of_any_call_is_survived() -> None:
    for point, name in enumerate(run_plan({}).names, start=1):
        for kind in KINDS.get(name, tuple(KEPT)):
            report = run_plan({point: kind})
            assert report.plan == {point: kind}
            assert (point, kind, list(report.violations)) == (point, kind, [])


@pytest.mark.parametrize(("number", "kind"), list(enumerate(POST_FAULTS)), ids=str)
def test_a_crash_anywhere_after_a_troubled_post_is_survived(number: int, kind: str) -> None:
    """Every third call; the next kind and the next POST take another third."""
    names = run_plan({}).names
    posts = [point for point, name in enumerate(names, start=1) if name == "coniq.post"]
    crashes = 0
    for run, post in enumerate(posts, start=number):
        for crash in crash_points(run_plan({post: kind}), after=post)[run % 3 :: 3]:
            report = run_plan({post: kind, crash: CRASH_BEFORE})
            crashes += 1
            assert (post, crash, list(report.violations)) == (post, crash, [])
    assert crashes > 10
