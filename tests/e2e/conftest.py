"""One deployed product for all tests of this folder that ask for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from couponbus_sandbox.demo.polling import at_once
from couponbus_sandbox.demo.subscription import subscribed
from couponbus_sandbox.local.stack import QUICK, local_stack
from tests.e2e.inbox import Inbox
from tests.e2e.product import Product

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs.yaml"


@pytest.fixture(scope="session")
def deployed() -> Iterator[Product]:
    with (
        local_stack(settings=QUICK) as stack,
        subscribed(stack) as subscription,
        at_once(stack, "issue_barcodes"),
        at_once(stack, "poll_redemptions"),
    ):
        product = Product(stack=stack, subscription=subscription)
        product.apply(PROGRAMS)
        yield product


@pytest.fixture
def product(deployed: Product) -> Iterator[Product]:
    yield deployed
    deployed.coniq.clear_faults()


@pytest.fixture
def inbox(product: Product) -> Iterator[Inbox]:
    yield from opened_inbox(product)


@pytest.fixture
def second_inbox(product: Product) -> Iterator[Inbox]:
    yield from opened_inbox(product)


def opened_inbox(product: Product) -> Iterator[Inbox]:
    """Open an endpoint, and remove it in the end."""
    opened = Inbox()
    yield opened
    product.couponbus("endpoints", "remove", opened.endpoint_id, "--yes")
    opened.close()
