"""One simulated Coniq for all tests of a process, reset for each test."""

from collections.abc import Iterator

import pytest

from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings, coniq_server
from tests.sandbox.coniq_caller import Caller


@pytest.fixture(scope="session")
def running_coniq() -> Iterator[ConiqSandbox]:
    with coniq_server(ConiqSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def coniq(running_coniq: ConiqSandbox) -> ConiqSandbox:
    running_coniq.reset()
    return running_coniq


@pytest.fixture
def caller(coniq: ConiqSandbox) -> Caller:
    return Caller(coniq.url)
