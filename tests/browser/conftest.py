"""One browser for all tests of the page."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    # Ended with its module: its event loop would keep other tests from running theirs.
    with launched() as started:
        yield started
