"""Plants each mistake in a process of its own and writes why it survived, by its name, as JSON.

The processes are forked from one pytest session that has collected everything, so that a mistake
costs no more than the test that catches it. A test that catches one must pass without it.
"""

import contextlib
import gc
import io
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import pytest

from tests.mutants.lists import TRIED
from tests.mutants.planting import Mistake, plant

# Only which tests fail matters: explaining why costs as much as running some of them.
OPTIONS = ("-q", "-n0", "-p", "no:cacheprovider", "--assert=plain", "--tb=native")
CAUGHT = "caught by "


class Planting:
    """Runs, instead of the session's tests, each mistake's test after making the mistake."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self._mistakes = mistakes
        self._failed: list[pytest.TestReport] = []
        self.survivals: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items: defaultdict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            items[item.nodeid.partition("[")[0]].append(item)
        # A process ends before it has much garbage, and a collection would copy the shared pages.
        gc.freeze()
        gc.disable()
        said = {one.name: self._said_of(one, items[one.caught_by]) for one in self._mistakes}
        caught = {text.removeprefix(CAUGHT) for text in said.values() if text.startswith(CAUGHT)}
        wrong = self._wrong_without([one for one in session.items if one.nodeid in caught])
        self.survivals = {
            name: wrong.get(text.removeprefix(CAUGHT), "") if text.startswith(CAUGHT) else text
            for name, text in said.items()
        }
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(report)

    def _said_of(self, mistake: Mistake, items: Sequence[pytest.Item]) -> str:
        return _in_a_process_of_its_own(lambda: self._outcome(mistake, items))

    def _outcome(self, mistake: Mistake, items: Sequence[pytest.Item]) -> str:
        try:
            plant(mistake)
        except LookupError as error:
            return str(error)
        for item in items:
            for report in self._failures_of(item):
                # A test that fails in its setup or teardown has judged nothing.
                how = CAUGHT if report.when == "call" else f"{report.when} fails: "
                return how + report.nodeid
        return f"{len(items)} tests of {mistake.caught_by} passed"

    def _wrong_without(self, items: Iterable[pytest.Item]) -> dict[str, str]:
        """Return, by name, the tests that fail where nothing is planted."""
        said = _in_a_process_of_its_own(
            lambda: json.dumps([item.nodeid for item in items if self._failures_of(item)])
        )
        return {name: f"{name} fails without it" for name in json.loads(said)}

    def _failures_of(self, item: pytest.Item) -> Sequence[pytest.TestReport]:
        self._failed.clear()
        item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
        return tuple(self._failed)


def _in_a_process_of_its_own(work: Callable[[], str]) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(work, writer)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    status = os.waitpid(child, 0)[1]
    return said if status == 0 else f"its process ended with {status}"


def _answer(work: Callable[[], str], writer: int) -> None:
    """Write the result and exit; an uncaught error exits as a failure."""
    status = 1
    try:
        os.write(writer, work().encode())
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    """Write the outcome of each mistake of all lists: an empty text if it was caught."""
    planting = Planting(TRIED)
    tests = dict.fromkeys(one.caught_by for one in TRIED)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        pytest.main([*OPTIONS, *tests], plugins=[planting])
    if not planting.survivals:
        sys.exit(said.getvalue())
    json.dump(planting.survivals, sys.stdout)


if __name__ == "__main__":
    main()
