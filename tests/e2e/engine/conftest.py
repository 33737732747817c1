"""One engine for all tests of this folder, and a laboratory that deploys small templates to it."""

from collections.abc import Iterator

import pytest

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.process import engine
from tests.e2e.engine.laboratory import Laboratory


@pytest.fixture(scope="session")
def access() -> Iterator[Access]:
    with engine() as running:
        yield running


@pytest.fixture(scope="session")
def laboratory(access: Access) -> Laboratory:
    return Laboratory(access)
