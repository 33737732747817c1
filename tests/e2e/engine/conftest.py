"""One engine for all tests of this folder, and a laboratory that deploys small templates to it."""

from collections.abc import Iterator

import pytest

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.process import engine
from couponbus_sandbox.local.moving_clock import MovingClock
from tests.e2e.engine.laboratory import Laboratory


@pytest.fixture(scope="session")
def clock(tmp_path_factory: pytest.TempPathFactory) -> MovingClock:
    """The time of metrics, alarms and logs."""
    return MovingClock(tmp_path_factory.mktemp("time") / "clock")


@pytest.fixture(scope="session")
def access(clock: MovingClock) -> Iterator[Access]:
    with engine(clock_file=clock.path) as running:
        yield running


@pytest.fixture(scope="session")
def laboratory(access: Access) -> Laboratory:
    return Laboratory(access)
