"""The webhook commands against moto, with the real adapters of table, history, queue and secret."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.aws.webhooks.signing_keys import StoredSigningKeys
from couponbus.domain.row import Row
from couponbus.domain.webhooks.delivery import DeliveryState
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.events.commands import AttemptDeliveries
from couponbus_cli.app.stage import Stage
from tests.fakes.clock import ManualClock
from tests.unit.cli.moto import Deployed, a_deployed_stage
from tests.unit.cli.rows import an_issuance, issued
from tests.unit.cli.webhooks import an_endpoint
from tests.webhook_factories import any_event_record, delivery_of

HOUR = timedelta(hours=1)
SHOP = an_endpoint("shop")
ADD = ("endpoints", "add", "https://hooks.shop.example/token-not-real", "--id", "shop")


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


def run_json(deployed: Deployed, *arguments: str) -> tuple[int, dict[str, object]]:
    code, out = deployed.run(*arguments, "--json")
    data: dict[str, object] = json.JSONDecoder().raw_decode(out)[0]  # stderr comes behind it
    return code, data


def event_record(*, hours_ago: float, of: Row | None = None) -> EventRecord:
    now = datetime.now(UTC).replace(microsecond=0)
    return any_event_record(event_at=now - hours_ago * HOUR, of=of)


class Document:
    """The secret's text, as a worker reads it."""

    def __init__(self, deployed: Deployed) -> None:
        self._target = deployed.target

    def get(self, secret_id: str) -> str:
        client = self._target.secrets()
        return client.get_secret_value(SecretId=self._target.secret(secret_id))["SecretString"]

    def refresh(self, secret_id: str) -> None:
        """Do nothing, as nothing is cached."""


def keys_of(deployed: Deployed) -> int:
    clock = ManualClock(datetime.now(UTC))
    keys = StoredSigningKeys(secrets=Document(deployed), secret_id="webhooks", clock=clock)
    return len(keys.of("shop"))


def test_an_endpoint_lives_from_add_to_remove(deployed: Deployed) -> None:
    added = run_json(deployed, *ADD)
    rotated = run_json(deployed, "endpoints", "rotate", "shop")
    keys = keys_of(deployed)
    tested = run_json(deployed, "endpoints", "test", "shop", "--wait", "0")
    paused = deployed.run("endpoints", "pause", "shop")
    held = deployed.run("endpoints", "test", "shop")
    resumed = run_json(deployed, "endpoints", "resume", "shop")
    listed = run_json(deployed, "endpoints", "list")
    removed = deployed.run("endpoints", "remove", "shop", "--yes")
    status = run_json(deployed, "status")

    assert (added[0], rotated[0], keys) == (0, 0, 2)
    assert added[1]["secret"] != rotated[1]["secret"]
    assert (tested[0], tested[1]["state"]) == (1, "PENDING")
    [hint] = [AttemptDeliveries.model_validate_json(b) for b in deployed.bodies_in("redeliveries")]
    assert hint.keys == (f"DELIVERY#{tested[1]['delivery_id']}",)
    assert (paused[0], held[0], resumed[0], removed[0]) == (0, 1, 0, 0)
    # A test event is not in the history, so nothing was woken.
    assert resumed[1]["resumed"] == 0
    endpoints = listed[1]["endpoints"]
    assert isinstance(endpoints, list)
    assert [each["url"] for each in endpoints] == ["https://hooks.shop.example/…"]
    assert status[1]["endpoints"] == []
    assert Document(deployed).get("webhooks") == "{}"


def test_deliveries_are_found_by_the_history_and_sent_again(deployed: Deployed) -> None:
    deployed.run(*ADD)
    old, new = event_record(hours_ago=30), event_record(hours_ago=2)
    taken = delivery_of(old, SHOP).delivered(status=204, now=old.event_at)
    lost = delivery_of(new, SHOP).given_up(reason="status_500", now=new.event_at)
    deployed.store(old, new, taken, lost)

    listed = run_json(deployed, "deliveries", "list", "--since", "3d")
    recent = run_json(deployed, "deliveries", "list", "--since", "3h")
    dry = run_json(deployed, "deliveries", "retry", "--undelivered", "--dry-run", "--since", "3d")
    again = run_json(deployed, "deliveries", "retry", "--undelivered", "--yes", "--since", "3d")
    shown = deployed.run("deliveries", "show", lost.delivery_id)

    assert [each["event_id"] for each in _deliveries(listed)] == [new.event_id, old.event_id]
    assert [each["event_id"] for each in _deliveries(recent)] == [new.event_id]
    assert (dry[1]["deliveries"], again[1]["deliveries"], again[1]["sent"]) == (1, 1, 1)
    assert "It was queued again, by the replay" in shown[1]
    after = deployed.read(lost)
    assert (after.state, after.round) == (DeliveryState.PENDING, 2)
    assert deployed.read(taken).state is DeliveryState.DELIVERED


def test_why_shows_webhooks_and_status_counts_them(deployed: Deployed) -> None:
    deployed.run(*ADD)
    row = replace(issued(an_issuance()), signup_id="signup-7")
    event = event_record(hours_ago=1, of=row)
    deployed.store(row, event, delivery_of(event, SHOP))

    why = deployed.run("why", "signup-7")
    _, status = run_json(deployed, "status")
    counts = deployed.open(Stage("dev")).report.counts()

    assert why[0] == 0
    assert f"Event {event.event_id}" in why[1]
    assert "shop: PENDING, attempt 0, no attempt yet" in why[1]
    assert (counts["ENDPOINT"], counts["DELIVERY"]) == ({"ACTIVE": 1}, {"PENDING": 1})
    assert [each["endpoint_id"] for each in _endpoints(status)] == ["shop"]


def _deliveries(answer: tuple[int, dict[str, object]]) -> list[dict[str, object]]:
    found = answer[1]["deliveries"]
    assert isinstance(found, list)
    return found


def _endpoints(data: dict[str, object]) -> list[dict[str, object]]:
    found = data["endpoints"]
    assert isinstance(found, list)
    return found
