"""The command is built once for all tests that run it, and not for each run."""

from collections.abc import Iterator
from functools import cache

import pytest
import typer.main


@pytest.fixture(scope="session", autouse=True)
def command_built_once() -> Iterator[None]:
    """Save each run the 10 ms of building it; a separate process builds it anew anyway."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(typer.main.get_command))
        yield
