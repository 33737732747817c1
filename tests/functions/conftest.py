"""Fixtures: the handlers' output, independent of the stream at their import, and a table."""

import io
import logging
from collections.abc import Iterator

import pytest

from tests.functions.invocation import Output
from tests.integration.aws.cloud import a_cloud
from tests.integration.aws.ledger.table_ledger import TableLedger

SERVICES = (
    "issue_barcodes",
    "publish_events",
    "sweep_due",
    "audit_barcodes",
    "schedule_polls",
    "poll_redemptions",
    "receive_callback",
    "fan_out_webhooks",
    "deliver_webhooks",
)


@pytest.fixture(autouse=True)
def output(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Output:
    logs = io.StringIO()
    for service in SERVICES:
        for handler in logging.getLogger(service).handlers:
            monkeypatch.setattr(handler, "stream", logs)
    return Output(logs, capsys)


@pytest.fixture
def ledger() -> Iterator[TableLedger]:
    with a_cloud() as cloud:
        yield TableLedger(cloud)
