"""`couponbus status` asks a bounded number of questions, and shows what it could read."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import World, open_world
from couponbus_cli.status.figures import Unread
from couponbus_cli.status.reading import read_facts
from tests.fakes.clock import ManualClock
from tests.unit.cli.moto import a_deployed_stage
from tests.unit.cli.status.large_table import LargeTable

CALLS_MAX = 64


@pytest.fixture
def table() -> LargeTable:
    return LargeTable()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, table: LargeTable) -> Iterator[World]:
    with a_deployed_stage(monkeypatch), monkeypatch.context() as patch:
        patch.setattr("couponbus_cli.app.stage.caller_session", table.session)
        yield replace(open_world(Stage("dev")), clock=ManualClock())


def test_a_table_of_any_size_takes_no_scan_and_few_calls(table: LargeTable, world: World) -> None:
    read_facts(world)
    of_nothing = table.calls.total()
    table.calls.clear()
    table.fill()

    facts = read_facts(world)

    assert facts.unread == {}
    assert "Scan" not in table.calls
    assert max(of_nothing, table.calls.total()) <= CALLS_MAX, table.calls
    assert not isinstance(facts.backlogs, Unread)
    assert facts.backlogs["issuing"].shown == "1,000+"
    assert not isinstance(facts.ambiguous, Unread)
    assert facts.ambiguous.shown == "100+"
    assert not isinstance(facts.unmatched, Unread)
    assert facts.unmatched.shown == "1,000+"
    assert not isinstance(facts.endpoints, Unread)
    assert (len(facts.endpoints.readable), facts.endpoints.more) == (200, True)
    assert facts.data()["more"] == ["unpublished", "ambiguous", "unmatched", "endpoints"]
