"""Secrets and personal data are planted in what functions log and operators look up."""

import json

import pytest

from tests.canary import planted
from tests.canary.harness import CanaryHarness

SHOWN = ("logs", "output", "exceptions", "command")


def leaks(harness: CanaryHarness) -> list[planted.Hit]:
    """Return what an operator sees of a producer's sign-up id, which rows and events have."""
    return [hit for hit in harness.hits() if hit.place in SHOWN]


def test_nothing_leaks_of_sign_ups_whose_lines_are_looked_up(harness: CanaryHarness) -> None:
    named = harness.sign_up_of(harness.person(), signup_id=planted.EMAIL)
    harness.issue(harness.sign_up(), named, json.dumps({"signup_id": planted.EMAIL, "x": [1]}))
    harness.stream()
    traces = harness.log()

    for query in (*traces, "signup-1", planted.EMAIL, f"00-{traces[0]}-{'1' * 16}-01"):
        harness.command("logs", query)
        harness.command("logs", query, "--json")
    for trace_id in traces:
        harness.command("why", trace_id, "--json")

    shown = "".join(harness.observer.seen["command"])
    assert "batch done" in shown
    assert all(trace_id in shown for trace_id in traces)
    assert leaks(harness) == []


def test_nothing_leaks_of_why_messages_come_again(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEPPER_SECRET_ID", f"missing/{planted.ODD_SECRET}")
    harness.restart()

    harness.issue(harness.sign_up(), harness.sign_up_of(harness.person(), signup_id=planted.EMAIL))

    assert any("SecretUnavailable" in text for text in harness.observer.seen["logs"])
    assert leaks(harness) == []
