"""Mutation test of the adapters' suites: each planted mistake fails the test that it names."""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import pytest

from tests.architecture.tree import ROOT
from tests.mutants.lists import MISTAKES, TRIED
from tests.mutants.planting import Mistake, plant, source_of

SECONDS = 600


@cache
def survivals() -> Mapping[str, str]:
    """Run all lists once."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.thorough
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("mistake", TRIED, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_caught(mistake: Mistake) -> None:
    assert survivals()[mistake.name] == ""


def test_each_mistake_has_a_name_of_its_own() -> None:
    assert len({one.name for one in MISTAKES}) == len(MISTAKES)


def test_each_mistake_can_be_planted_in_the_source_as_it_is() -> None:
    for mistake in MISTAKES:
        source_of(mistake)


def test_a_mistake_in_source_that_has_changed_is_named() -> None:
    gone = Mistake(
        name="gone",
        module="couponbus.aws.ledger.moments",
        right="not there",
        wrong="",
        caught_by="",
    )

    with pytest.raises(LookupError, match=r"gone: moments\.py has not exactly one 'not there'"):
        plant(gone)
