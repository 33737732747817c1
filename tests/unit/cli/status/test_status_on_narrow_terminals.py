"""On a terminal of 80 columns, or of 60, no name and no number of `couponbus status` is cut."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.health import Health
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from couponbus_cli.app.queues import QUEUES
from couponbus_cli.app.stage import Stage
from couponbus_cli.status.command import reported
from couponbus_cli.status.measured import Series
from couponbus_cli.status.reading import read_facts
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.measurements import FakeMeasurements
from tests.unit.cli.rows import ambiguous, an_issuance
from tests.unit.cli.stage import FakeDeployment, FakeQueues, FakeStage, a_poll_account
from tests.unit.cli.webhooks import an_endpoint

BRAND = "brand-of-the-northern-region"
SHOP = "hooks-of-the-longest-shop-name-24"
OPEN = Breaker(
    failures=8,
    openings=4,
    closed_until=NOON.timestamp() + 720,
    failing_since=NOON.timestamp() - 420,
    health=Health.FAILING,
)


def drawn(stage: FakeStage, *, columns: int = 80) -> str:
    console = Console(width=columns, file=StringIO(), no_color=True)
    with console.capture() as captured:
        for each in reported(read_facts(stage.open(Stage.LOCAL))).shown:
            console.print(each, soft_wrap=isinstance(each, str), markup=False, highlight=False)
    return captured.get()


def a_busy_stage() -> FakeStage:
    row = ambiguous(an_issuance())
    endpoint = replace(an_endpoint(SHOP), failing_since=NOON - timedelta(hours=7))
    return FakeStage(
        MemoryLedger(row, endpoint),
        queues=FakeQueues(dict.fromkeys(QUEUES, 1_234_567)),
        deployment=FakeDeployment(
            named=frozenset({BRAND}),
            polls=(a_poll_account(Provider.UNIQODO, name=BRAND, calls_per_day=10_000_000),),
        ),
        spent={Provider.UNIQODO: {BRAND: 8_765_432}},
        paces={BRAND: Pace(posts=OPEN, gets=OPEN, paused_until=NOON.timestamp() + 60)},
        measured=FakeMeasurements(counted={each: [1_234_567.0] for each in Series}),
    )


@pytest.mark.parametrize("columns", [60, 80])
def test_tables_are_no_wider_than_the_terminal_and_cut_nothing(columns: int) -> None:
    text = drawn(a_busy_stage(), columns=columns)
    tables = [line for line in text.splitlines() if line[:1] in "┏┃┡│└"]

    assert tables
    assert max(map(len, tables)) <= columns
    assert "…" not in text.replace("/…", "")
    for whole in (*QUEUES, SHOP):
        assert any(whole in line for line in tables), whole
    assert text.count("1,234,567") == len(QUEUES) + len(Series)


def test_an_account_says_its_calls_its_limit_and_what_is_left_beside_its_breaker() -> None:
    lines = drawn(a_busy_stage(), columns=60).splitlines()

    opened = "breaker open until 12:12:00 (4th time), 8 failures"
    assert (
        f"coniq {BRAND}: 0 calls today, no limit; asked to wait until 12:01:00;"
        f" look-ups: {opened}; POSTs: {opened}"
    ) in lines
    assert (f"uniqodo {BRAND}: 8,765,432 of 10,000,000 calls today, 1,234,568 left; good") in lines


def test_what_needs_a_person_comes_last_where_a_terminal_shows_it() -> None:
    lines = drawn(a_busy_stage()).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("! "))

    assert all(line.startswith("! ") for line in lines[first:])
