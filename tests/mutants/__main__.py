"""Plants each mistake in a process of its own and says why it survived, by its name, as JSON.

The processes are forked from one pytest session that has collected everything, so that a mistake
costs no more than the test that catches it.
"""

import contextlib
import importlib
import io
import json
import os
import sys
from collections import defaultdict
from collections.abc import Sequence

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.planting import Mistake, plant

OPTIONS = ("-q", "-n0", "-p", "no:cacheprovider")


class Planting:
    """Runs, instead of the session's tests, each mistake's test after making the mistake."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self._mistakes = mistakes
        self.survivals: dict[str, str] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items: defaultdict[str, list[pytest.Item]] = defaultdict(list)
        for item in session.items:
            items[item.nodeid.partition("[")[0]].append(item)
        for one in self._mistakes:
            self.survivals[one.name] = _survival(one, items[one.caught_by])
        return True


def _survival(mistake: Mistake, items: Sequence[pytest.Item]) -> str:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, _outcome(mistake, items).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    status = os.waitpid(child, 0)[1]
    return said.removeprefix("caught") if status == 0 else f"its process ended with {status}"


def _outcome(mistake: Mistake, items: Sequence[pytest.Item]) -> str:
    try:
        plant(mistake)
    except LookupError as error:
        return str(error)
    for item in items:
        if any(report.failed for report in runtestprotocol(item, log=False)):
            return "caught"
    return f"{len(items)} tests of {mistake.caught_by} passed"


def main(name: str) -> None:
    """Write the survivals of a list: empty texts where all is well."""
    mistakes: tuple[Mistake, ...] = importlib.import_module(f"tests.mutants.{name}").MISTAKES
    planting = Planting(mistakes)
    tests = dict.fromkeys(one.caught_by for one in mistakes)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        pytest.main([*OPTIONS, *tests], plugins=[planting])
    if not planting.survivals:
        sys.exit(said.getvalue())
    json.dump(planting.survivals, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
