"""The browser of the tests: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")
FOLDER = "tests/browser/"
PACKAGES = "tests/browser/requirements.txt"


def missing() -> str | None:
    """Return what is to be installed before a browser can be tested with, None if nothing."""
    if find_spec("playwright") is None or find_spec("axe_playwright_python") is None:
        return f"the packages of {PACKAGES} are not installed: run `make setup`"
    if chromium() is None:
        return "no Chromium is on the PATH: install it (Debian: apt-get install chromium)"
    return None


def chromium() -> str | None:
    """Return the path of the browser."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def launched() -> Iterator["Browser"]:
    """Yield the browser; where it is missing, say what to install."""
    lacking = missing()
    assert lacking is None, lacking
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not on every platform

    # Chromium has no sandbox for root, whose machine is a container.
    arguments = [] if os.geteuid() else ["--no-sandbox"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield browser
        finally:
            browser.close()
