"""Providers that cannot be reached, secrets and settings that are invalid, AWS that fails."""

import json
import socket

import pytest

from couponbus.usecases.invocation import Metric
from tests.canary import garbage, planted
from tests.canary.polling import PollingCanaryHarness
from tests.canary.stage import NOWHERE, polled_at
from tests.thorough import amount

ODD = planted.ODD_SECRET


def poll_and_sweep(harness: PollingCanaryHarness) -> None:
    """Make a first poll of a new customer, poll all due watches, and sweep."""
    harness.poll(harness.naming(harness.customer()))
    harness.run()
    harness.poll_again()


def calls(harness: PollingCanaryHarness) -> int:
    return len(harness.uniqodo.calls()) + len(harness.koupon.calls())


@pytest.mark.parametrize("url", [NOWHERE, "https://localhost:1"])
def test_nothing_leaks_when_the_providers_cannot_be_reached(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    polling.watched(polling.customer())
    before = calls(polling)
    polling.point_providers_at(monkeypatch, url)

    poll_and_sweep(polling)

    assert calls(polling) == before
    assert any("not_connected" in text for text in polling.observer.seen["logs"])
    assert polling.hits() == []


def test_nothing_leaks_when_the_names_are_not_resolved(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(host: str, *_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: name not known")

    polling.watched(polling.customer())
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    polling.point_providers_at(monkeypatch, "https://polled.localhost")

    poll_and_sweep(polling)

    assert any("name_not_resolved" in text for text in polling.observer.seen["logs"])
    assert polling.hits() == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("uniqodo", "koupon"),
    [
        (f'{{"api_key": "{ODD}', f'{{"identifier": "{ODD}'),
        (f'{{"key": "{ODD}"}}', f'{{"identifier": "{ODD}"}}'),
        (f'["{ODD}"]', f'["{ODD}", "{ODD}"]'),
        (f"{ODD}\r\nX-Other: 1", f"{ODD}:{ODD}"),
        (f"{ODD}é", json.dumps({"identifier": f"{ODD}é", "secret": f"{ODD} "})),
        (json.dumps({"api_key": ODD}), json.dumps({"identifier": ODD, "secret": ODD})),
    ][:: amount(1, few=3)],
)
def test_nothing_leaks_of_a_malformed_secret(
    polling: PollingCanaryHarness, uniqodo: str, koupon: str
) -> None:
    polling.keep_secret("uniqodo", uniqodo)
    polling.keep_secret("koupon", koupon)

    poll_and_sweep(polling)

    answered = (polling.uniqodo.state.calls, polling.koupon.state.calls)
    assert all("200" not in statuses for each in answered for statuses in each.values())
    assert Metric.FAILED_POLLS in "".join(polling.observer.seen["output"])
    assert polling.hits() == []


def test_nothing_leaks_of_settings_that_are_wrong(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = f"http://user:{ODD}@127.0.0.1:1"
    for name in ("UNIQODO", "KOUPON"):
        for accounts in (polled_at(user, secret="koupon"), f'[{{"name": "{ODD}"'):
            with monkeypatch.context() as patch:
                patch.setenv(f"{name}_ACCOUNTS", accounts)
                polling.restart()
                polling.poll(polling.naming(polling.customer()))
                polling.tick()

    assert len(polling.observer.seen["exceptions"]) >= 4
    assert polling.hits() == []


@pytest.mark.parametrize(
    "setting", ["TABLE_NAME", "POLLS_QUEUE_URL", "QUARANTINE_QUEUE_URL", "PEPPER_SECRET_ID"]
)
def test_nothing_leaks_when_aws_fails(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    ann = polling.customer()
    polling.watched(ann)
    polling.redeem(ann)
    polling.tick()
    waiting = polling.taken("POLLS_QUEUE_URL")
    with monkeypatch.context() as patch:
        patch.setenv(setting, "https://sqs.eu-west-1.amazonaws.com/123456789012/nothing")
        polling.restart()
        polling.plan()
        polling.issue(polling.sign_up())
        polling.poll(polling.naming(polling.customer()), *waiting, *garbage.for_polls())
        polling.sweep_alone()
    polling.restart()

    polling.run()

    assert polling.published_types() >= {"RedemptionRecorded"}
    assert polling.hits() == []
