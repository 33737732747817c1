"""One engine for all tests of this folder, and a laboratory that deploys small templates to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.engine.access import Access
from sandbox.engine.process import engine
from tests.e2e.engine.laboratory import Laboratory

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("engine"))


@pytest.fixture(scope="session")
def access() -> Iterator[Access]:
    with engine() as running:
        yield running


@pytest.fixture(scope="session")
def laboratory(access: Access) -> Laboratory:
    return Laboratory(access)
