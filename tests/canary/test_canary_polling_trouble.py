"""Providers that cannot be reached, secrets and settings that are invalid, AWS that fails."""

import json
import socket

import pytest

from couponbus.usecases.invocation import Metric
from tests.canary import garbage, planted
from tests.canary.polling import PollingTheatre
from tests.canary.stage import NOWHERE, polled_at

ODD = planted.ODD_SECRET


def look(theatre: PollingTheatre) -> None:
    """Make a first poll of a new customer, poll all due watches, and sweep."""
    theatre.poll(theatre.naming(theatre.customer()))
    theatre.run()
    theatre.look_again()


def calls(theatre: PollingTheatre) -> int:
    return len(theatre.uniqodo.calls()) + len(theatre.koupon.calls())


@pytest.mark.parametrize("url", [NOWHERE, "https://localhost:1"])
def test_nobody_sees_anything_when_the_providers_cannot_be_reached(
    polling: PollingTheatre, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    polling.watched(polling.customer())
    before = calls(polling)
    polling.lead_to(monkeypatch, url)

    look(polling)

    assert calls(polling) == before
    assert any("not_connected" in text for text in polling.eyes.seen["logs"])
    assert polling.hits() == []


def test_nobody_sees_anything_when_the_names_are_not_resolved(
    polling: PollingTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(host: str, *_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: name not known")

    polling.watched(polling.customer())
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    polling.lead_to(monkeypatch, "https://polled.localhost")

    look(polling)

    assert any("name_not_resolved" in text for text in polling.eyes.seen["logs"])
    assert polling.hits() == []


@pytest.mark.parametrize(
    ("uniqodo", "koupon"),
    [
        (f'{{"api_key": "{ODD}', f'{{"identifier": "{ODD}'),
        (f'{{"key": "{ODD}"}}', f'{{"identifier": "{ODD}"}}'),
        (f'["{ODD}"]', f'["{ODD}", "{ODD}"]'),
        (f"{ODD}\r\nX-Other: 1", f"{ODD}:{ODD}"),
        (f"{ODD}é", json.dumps({"identifier": f"{ODD}é", "secret": f"{ODD} "})),
        (json.dumps({"api_key": ODD}), json.dumps({"identifier": ODD, "secret": ODD})),
    ],
    ids=["cut", "misnamed", "listed", "broken", "accented", "wrong"],
)
def test_nobody_sees_a_secret_that_is_not_as_it_should_be(
    polling: PollingTheatre, uniqodo: str, koupon: str
) -> None:
    polling.keep_secret("uniqodo", uniqodo)
    polling.keep_secret("koupon", koupon)

    look(polling)

    answered = (polling.uniqodo.state.calls, polling.koupon.state.calls)
    assert all("200" not in statuses for each in answered for statuses in each.values())
    assert Metric.FAILED_POLLS in "".join(polling.eyes.seen["output"])
    assert polling.hits() == []


def test_nobody_sees_anything_of_settings_that_are_wrong(
    polling: PollingTheatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = f"http://user:{ODD}@127.0.0.1:1"
    for name in ("UNIQODO", "KOUPON"):
        for accounts in (polled_at(user, secret="koupon"), f'[{{"name": "{ODD}"'):
            with monkeypatch.context() as patch:
                patch.setenv(f"{name}_ACCOUNTS", accounts)
                polling.restart()
                polling.poll(polling.naming(polling.customer()))
                polling.tick()

    assert len(polling.eyes.seen["exceptions"]) >= 4
    assert polling.hits() == []


@pytest.mark.parametrize(
    "setting", ["TABLE_NAME", "POLLS_QUEUE_URL", "QUARANTINE_QUEUE_URL", "PEPPER_SECRET_ID"]
)
def test_nobody_sees_anything_when_aws_fails(
    polling: PollingTheatre, monkeypatch: pytest.MonkeyPatch, setting: str
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

    assert polling.told() >= {"RedemptionRecorded"}
    assert polling.hits() == []
