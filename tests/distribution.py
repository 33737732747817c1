"""Which tests share a process, and which begin first: expensive fixtures are made once, and early.

Written out instead of marked: pytest-xdist 3.8 appends a group to a node id in a way that pytest
9.2 no longer reads, so that marks of groups do nothing.
"""

import zlib

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]

SECOND_ENGINE = "localstack"
SECOND_ENGINE_FOLDER = "tests/second_engine/"
# By prefix of a test's path, the longest first; any other file is a scope of its own.
SCOPES = (
    ("tests/e2e/test_demo.py", "demo"),
    ("tests/e2e/test_make_up.py", "up"),
    ("tests/e2e/test_alarms.py", "alarms"),
    ("tests/e2e/test_first_deployment.py", "wheel"),
    ("tests/architecture/test_wheel.py", "wheel"),
    ("tests/e2e/engine/", "engine"),
    ("tests/e2e/", "product"),
    ("tests/infra/", "infra"),
    ("tests/incidents/", "incidents"),
    ("tests/canary/", "canary"),
    ("tests/browser/", "browser"),
)
# The longest tests come first, or one process would run them alone at the end.
EARLY = (
    "tests/e2e/test_demo.py",
    "tests/e2e/test_",
    "tests/benchmarks/",
    "tests/e2e/engine/",
    "tests/infra/",
    "tests/incidents/",
    "tests/simulation/",
    "tests/canary/",
    "tests/browser/",
)


class Distribution(LoadScopeScheduling):  # type: ignore[misc]
    """Hands whole scopes to the processes, in the order of collection."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """Return the scope of a test."""
    if is_of_second_engine(nodeid):
        return SECOND_ENGINE
    for beginning, scope in SCOPES:
        if nodeid.startswith(beginning):
            return scope
    return nodeid.partition("::")[0]


def is_of_second_engine(nodeid: str) -> bool:
    """Return whether a test needs the second engine: its id names it, or its folder."""
    return SECOND_ENGINE in nodeid or nodeid.startswith(SECOND_ENGINE_FOLDER)


def rank_of(nodeid: str) -> tuple[int, int]:
    """Return the index of the test's prefix in EARLY; all other files are shuffled.

    Those that wait for sockets and those that compute stand in folders of their own: one folder
    after the other, all processes would wait at once.
    """
    for rank, beginning in enumerate(EARLY):
        if nodeid.startswith(beginning):
            return rank, 0
    return len(EARLY), zlib.crc32(scope_of(nodeid).encode())
