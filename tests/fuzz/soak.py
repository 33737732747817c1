"""Runs the properties of this folder for some time: `python -m tests.fuzz.soak --seconds 100`."""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from itertools import cycle
from multiprocessing import get_context

from hypothesis import settings

# Registers the profile; the properties take it when they are imported.
from tests import conftest  # noqa: F401

PROPERTIES = (
    ("tests.fuzz.test_coniq", "test_no_damaged_answer_yields_a_barcode_that_was_not_said"),
    ("tests.fuzz.test_koupon", "test_no_damaged_answer_yields_an_offer_that_was_not_said"),
    ("tests.fuzz.test_uniqodo", "test_no_damaged_answer_yields_a_redemption_that_was_not_said"),
    ("tests.fuzz.test_coniq", "test_no_damaged_answer_yields_a_customer_who_was_not_said"),
)

type Outcome = tuple[int, dict[str, str]]


def soak(*, seconds: float, processes: int) -> Outcome:
    """Return the number of rounds, and the traceback of the first failure of each property."""
    end = time.monotonic() + seconds
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        shares = [pool.submit(share, number, end) for number in range(processes)]
        outcomes = [each.result() for each in shares]
    failures: dict[str, str] = {}
    for _, found in outcomes:
        failures |= found
    return sum(rounds for rounds, _ in outcomes), failures


def share(first: int, end: float) -> Outcome:
    """Try one property after the other, starting with a different one in each process."""
    settings.load_profile("soak")
    failures: dict[str, str] = {}
    turns = (*PROPERTIES[first % len(PROPERTIES) :], *PROPERTIES[: first % len(PROPERTIES)])
    for rounds, (module, name) in enumerate(cycle(turns), start=1):
        if name not in failures and (story := failure_of(_property(module, name))):
            failures[name] = story
        if time.monotonic() >= end or len(failures) == len(PROPERTIES):
            return rounds, failures
    raise AssertionError


def failure_of(test: Callable[[], None]) -> str | None:
    """Return the traceback of a failing property, with the failing example."""
    try:
        test()
    except Exception as error:
        return "".join(traceback.format_exception(error))
    return None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.soak")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    rounds, failures = soak(seconds=chosen.seconds, processes=chosen.processes)
    examples = rounds * settings.get_profile("soak").max_examples
    lines = [f"damaged answers: {examples}", *failures.values(), f"misread: {len(failures)}"]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if failures else 0


def _property(module: str, name: str) -> Callable[[], None]:
    found: Callable[[], None] = getattr(import_module(module), name)
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
