"""A simulated Coniq for the probe, and how it is probed."""

from collections.abc import Iterator

import pytest
import requests

from couponbus.providers.coniq.headers import headers_for
from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings, NewCustomer, coniq_server
from tests.unit.cli.probe.running import KEY, Report, probe

CUSTOMER = 987_650_001
ANN = "ann+probe@example.test"
SAMPLE = ("--customer-id", str(CUSTOMER), "--offer-id", "101")
OBSERVED = ("customer_email", "offer_id")


@pytest.fixture(scope="module")
def running() -> Iterator[ConiqSandbox]:
    with coniq_server(ConiqSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: ConiqSandbox) -> ConiqSandbox:
    """Return a Coniq where Ann has two barcodes, and another customer has one."""
    running.reset()
    running.add_customers(NewCustomer(customer_id=CUSTOMER, email=ANN))
    for customer_id, offer_id in ((CUSTOMER, 101), (CUSTOMER, 201), (5, 101)):
        item = {"offer_id": offer_id, "customer_id": customer_id, "channel": "MAIL"}
        code = {"tracking_code": f"before-{customer_id}-{offer_id}"}
        url = f"{running.url}/barcode"
        requests.post(url, json=item | code, headers=headers_for(KEY), timeout=5)
    return running


def look(sandbox: ConiqSandbox, *options: str, email: str | None = ANN) -> Report:
    known = () if email is None else ("--email", email)
    return probe("coniq", "--base-url", sandbox.url, *SAMPLE, *known, *options)


def write(sandbox: ConiqSandbox) -> Report:
    return look(sandbox, "--write")


def assert_differing(report: Report, expected: dict[str, str]) -> None:
    assert report.differing.keys() == expected.keys()
    for name, evidence in expected.items():
        assert evidence in report.differing[name]
        assert report.findings[name].change
    assert report.code == (1 if expected else 0)
