"""The simulators of a local stack, with their keys and their common clock."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from couponbus_sandbox.coniq import ConiqSettings
from couponbus_sandbox.local.simulators import Simulators, simulators
from couponbus_sandbox.uniqodo import ONE_USE
from tests.sandbox.koupon_caller import KouponCaller


@pytest.fixture
def running() -> Iterator[Simulators]:
    with simulators(ConiqSettings()) as started:
        yield started


def test_each_provider_has_a_url_and_a_key_of_its_account(running: Simulators) -> None:
    assert running.urls.keys() == {"coniq", "uniqodo", "koupon"}
    assert len(set(running.urls.values())) == 3
    assert running.keys.keys() == {"coniq/main", "uniqodo/main", "koupon/main"}


def test_the_keys_open_what_they_are_for(running: Simulators) -> None:
    key = running.keys["uniqodo/main"]
    halves = json.loads(running.keys["koupon/main"])

    question = f"{running.uniqodo.url}/publisher/{key}/query/user-redemption/{ONE_USE}"
    asked = requests.get(question, params={"userId": "ABC123"}, timeout=5)
    caller = KouponCaller(running.koupon.url)
    listed = caller.raw(caller.target("/v2/ann/offers", secret=halves["secret"]))

    assert halves["identifier"] == "test-identifier"
    assert (asked.status_code, listed.status_code) == (200, 200)


def test_their_clocks_move_together(running: Simulators) -> None:
    before = datetime.now(UTC)

    running.advance_clocks(seconds=3600)

    clocks = [
        datetime.fromisoformat(each.state.clock)
        for each in (running.coniq, running.uniqodo, running.koupon)
    ]
    assert all(timedelta(0) < clock - before - timedelta(hours=1) for clock in clocks)
    assert max(clocks) - min(clocks) < timedelta(seconds=5)
