"""One deployed product for all tests of this folder that ask for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.demo.subscription import subscribed
from sandbox.local_stack import QUICK, local_stack
from sandbox.operating import apply_programs
from tests.e2e.product import Product

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs.yaml"


@pytest.fixture(scope="session")
def deployed() -> Iterator[Product]:
    with local_stack(context=QUICK) as stack, subscribed(stack) as subscription:
        apply_programs(stack, PROGRAMS)
        yield Product(stack=stack, subscription=subscription)


@pytest.fixture
def product(deployed: Product) -> Iterator[Product]:
    yield deployed
    deployed.coniq.clear_faults()
