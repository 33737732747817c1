"""The suites of the adapters bite: each planted mistake fails the test that it names."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import pytest

from tests.architecture.tree import ROOT
from tests.mutants import (
    coniq_answers,
    http,
    pace_and_polling,
    polled_answers,
    sending_and_secrets,
)
from tests.mutants.planting import Mistake, plant

LISTS = {
    "coniq_answers": coniq_answers.MISTAKES,
    "http": http.MISTAKES,
    "pace_and_polling": pace_and_polling.MISTAKES,
    "polled_answers": polled_answers.MISTAKES,
    "sending_and_secrets": sending_and_secrets.MISTAKES,
}
SECONDS = 600
TRACING = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


@cache
def survivals(name: str) -> Mapping[str, str]:
    """Run a whole list once; the processes that it forks are not traced."""
    environment = {key: value for key, value in os.environ.items() if key not in TRACING}
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants", name],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Mapping[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize(
    ("name", "mistake"),
    [(name, one) for name, mistakes in LISTS.items() for one in mistakes],
    ids=lambda value: value.name if isinstance(value, Mistake) else value,
)
def test_a_planted_mistake_is_caught(name: str, mistake: Mistake) -> None:
    assert survivals(name)[mistake.name] == ""


def test_a_mistake_in_source_that_has_changed_is_named() -> None:
    gone = Mistake(
        name="gone", module="couponbus.aws.moments", right="not there", wrong="", caught_by=""
    )

    with pytest.raises(LookupError, match=r"gone: moments\.py has not exactly one 'not there'"):
        plant(gone)
