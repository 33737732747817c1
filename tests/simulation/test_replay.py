"""A failure can be printed, replayed and reduced; a soak reports what it has done."""

import pytest

from tests.simulation import replay, soak
from tests.simulation.mutants import MUTANTS, first_failure
from tests.simulation.mutants_of_answers import OLD_RULES
from tests.simulation.plans import PLANS, Plan
from tests.simulation.replay import as_text, run_plan, smallest_of
from tests.simulation.seeds import run_seed
from tests.simulation.shrinking import smallest

EASY = "a list that Coniq did not filter proves absence"  # which few seeds show
FEW = ["--processes", "1", "--first", "0", "--kinds", "issuing", "--rules", EASY]
BLIND = next(one for one in MUTANTS if one.name == "a server error is repeated blindly")


def test_only_the_faults_that_are_needed_are_left() -> None:
    plan = dict.fromkeys(range(1, 60), "fault")
    left = smallest(plan, lambda part: 7 in part and 44 in part)
    assert sorted(left) == [7, 44]


def test_a_failing_seed_is_made_small() -> None:
    with BLIND.planted():
        failed = first_failure(BLIND, range(50))
        assert failed is not None
        small = smallest_of(int(failed.seed))
    assert small.violations
    assert len(small.plan) < len(failed.plan)


def test_a_run_is_printed_with_its_plan_and_what_it_broke() -> None:
    with BLIND.planted():
        failed = first_failure(BLIND, range(50))
    assert failed is not None
    text = as_text(failed)
    assert "coniq.post" in text
    assert f"plan: {dict(failed.plan)}" in text
    assert f"violation: {failed.violations[0]}" in text


def test_the_command_prints_one_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay.main(["3"]) == 0
    assert run_seed(3).trace_hash in capsys.readouterr().out


def test_a_soak_is_of_all_kinds_of_runs_and_all_old_rules() -> None:
    chosen = soak.parsed([])

    assert (chosen.kinds, chosen.rules) == (list(soak.REPLAY), [one.name for one in OLD_RULES])


def test_the_soak_counts_and_ends_with_its_violations(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main([*FEW, "--seconds", "0.2"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in printed[1:5]] == [
        "seeds",
        "port calls",
        "crashes",
        "faults",
    ]
    controls = [line for line in printed if line.startswith("control, ")]
    assert len(controls) == 1
    assert f"{EASY}: fails at seed " in controls[0]
    assert printed[-1] == "violations: 0"


def test_a_soak_in_which_an_old_rule_breaks_nothing_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert soak.main([*FEW, "--seconds", "0.1", "--controlled", "1"]) == 1
    assert f"control, {EASY}: MISSED, 1 seeds break nothing" in capsys.readouterr().out


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.story)
def test_what_was_broken_once_stays_whole(plan: Plan) -> None:
    assert list(run_plan(plan.seed, plan.faults).violations) == []
