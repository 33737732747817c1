"""What handlers print, whichever stream they found when they were imported."""

import io
import logging

import pytest

from tests.functions.invocation import Output

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
