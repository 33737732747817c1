"""Facts of a stage at noon, well or in trouble, as the page sees them."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Never, cast

import typer.main
from typer.core import TyperGroup

from couponbus.aws.ledger.report import Backlogged, Due
from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.health import Health
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from couponbus.domain.webhooks.endpoint import EndpointState
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.app.queues import LAST_STOPS, QUEUES, Depth
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import Opener, World
from couponbus_cli.main import app
from couponbus_cli.page.last_known import PARTS
from couponbus_cli.page.needs import need_of
from couponbus_cli.page.opened_stage import OpenedStage
from couponbus_cli.page.reading import SharedReading
from couponbus_cli.page.site import Site
from couponbus_cli.status.account_figures import AccountFigures
from couponbus_cli.status.audit_figures import AuditFigures
from couponbus_cli.status.figures import Ambiguous, Endpoints, Facts, Kept, Unread, Waiting
from couponbus_cli.status.measured import (
    POINT,
    POINTS,
    Alarms,
    Level,
    Rates,
    Ringing,
    Series,
    letters_in,
)
from couponbus_cli.watch import poll_figures
from tests.fakes.clock import NOON
from tests.unit.cli.stage import a_poll_account
from tests.webhook_factories import any_endpoint

COMMANDS = cast("TyperGroup", typer.main.get_command(app))
DENIED = "access is denied (AccessDenied): it needs cloudwatch:GetMetricData"
MINUTE = timedelta(minutes=1)


def polled(provider: Provider, *, spent: int, per_day: int | None) -> AccountFigures:
    account = a_poll_account(provider, calls_per_day=per_day)
    figures = poll_figures.AccountFigures(
        provider=provider,
        name=account.name,
        level=0,
        spent=spent,
        calls_per_day=per_day,
        calls_per_second=account.calls_per_second,
        reason=None,
        promotions=(),
        load=poll_figures.Load(account=account, watched=12),
        ignored=None,
        pace=(pace := Pace(calls=spent, day=int(NOON.timestamp() // 86_400))),
        watched_since=None,
    )
    return AccountFigures(
        provider=provider.value, name=account.name, pace=pace, at=NOON, polled=figures
    )


def coniq(*, posts: Breaker | None = None) -> AccountFigures:
    pace = Pace(calls=1204, day=int(NOON.timestamp() // 86_400), posts=posts or Breaker())
    return AccountFigures(provider="coniq", name="main", pace=pace, at=NOON)


def with_commands(needs: list[str]) -> list[str]:
    """Return the needs, after a look that each names a command, or what else is to be done."""
    other = re.compile(r"deploy the one that wrote|raise calls_per_|compare their param")
    lacking = [
        each
        for each in needs
        if not need_of(each, root=COMMANDS, stage="local").commands and not other.search(each)
    ]
    assert lacking == []
    return needs


def rates(*, times: float = 1.0) -> Rates:
    """Return points that go up and down, of another height for each series."""
    points = {
        series: [
            float(round(times * (20 + (7 * point) % 11) / (place + 1))) for point in range(POINTS)
        ]
        for place, series in enumerate(Series)
    }
    points[Series.UNKNOWN] = [0.0] * POINTS
    levels: dict[str, list[float]] = {
        name: [round(times * (3 + place) * (1 + point % 5)) * 1.0 for point in range(POINTS)]
        for place, name in enumerate((Level.OLDEST_DUE, Level.POLL_LAG))
    }
    quiet: dict[str, list[float]] = dict.fromkeys(
        (*Level, *map(letters_in, LAST_STOPS)), [0.0] * POINTS
    )
    return Rates(began_at=NOON - (POINTS - 1) * POINT, points=points, levels={**quiet, **levels})


def backlogged(rows: int, *, due_at: datetime) -> Backlogged:
    return Backlogged(rows=rows, first=[Due(key="ISSUANCE#A", due_at=due_at)])


def well() -> Facts:
    """Return the facts of a busy stage without a problem."""
    active = replace(any_endpoint(seed=1), state=EndpointState.ACTIVE, failing_since=None)
    return Facts(
        stage=Stage.LOCAL,
        at=NOON,
        ambiguous=Ambiguous(),
        endpoints=Endpoints(readable=[active]),
        backlogs={
            "outbox": Backlogged(),
            "issuing": backlogged(14, due_at=NOON + 4 * MINUTE),
            "lookups": Backlogged(),
            "polls": replace(backlogged(1000, due_at=NOON + MINUTE), more=True),
            "retries": backlogged(3, due_at=NOON - MINUTE),
        },
        waiting=Waiting(since={}, unproven={}, failing={}, first_polls={}),
        unmatched=Kept(number=0),
        queues=[Depth(queue=name, visible=0, in_flight=0) for name in QUEUES],
        accounts=[
            coniq(),
            polled(Provider.UNIQODO, spent=2900, per_day=10_000),
            polled(Provider.KOUPON, spent=7100, per_day=None),
        ],
        planned_until=NOON - MINUTE,
        audit=AuditFigures(progress=None, waiting=Backlogged()),
        restore=None,
        workers=[],
        strangers=[],
        alarms=Alarms(),
        rates=rates(),
    )


def in_trouble() -> Facts:
    """Return the facts of a stage where Coniq is away, and more."""
    away = Breaker(
        failures=8,
        closed_until=(NOON + MINUTE).timestamp(),
        openings=4,
        failing_since=(NOON - 12 * MINUTE).timestamp(),
        health=Health.FAILING,
    )
    depths = {"signups": 3551, "signups-dead": 131, "quarantine": 2}
    failing = replace(
        any_endpoint(seed=2),
        endpoint_id="warehouse-of-the-agency",
        state=EndpointState.ACTIVE,
        failing_since=NOON - timedelta(hours=9),
    )
    return replace(
        well(),
        ambiguous=Ambiguous(ids=["KZXW6YTBOI4GCZLSMFXGIZLE"]),
        unmatched=Kept(number=1000, more=True),
        queues=[Depth(queue=name, visible=depths.get(name, 0), in_flight=0) for name in QUEUES],
        accounts=[coniq(posts=away), polled(Provider.UNIQODO, spent=9990, per_day=10_000)],
        planned_until=NOON - 40 * MINUTE,
        endpoints=Endpoints(readable=[failing]),
        alarms=Alarms(
            ringing=[
                Ringing(name="issue_barcodes-BreakerOpen", since=NOON - 9 * MINUTE, why="11 of 10")
            ]
        ),
        rates=Unread(why=DENIED),
        needs=[
            "Coniq takes no POST of account main since 2026-06-01 11:48:00 UTC (12 min ago): it"
            " gives no usable answer. Find the cause with couponbus probe coniq",
            "1 issuance is ambiguous: inspect with couponbus why ID, settle with couponbus resolve"
            " ID --choose LAST4 --reason TEXT, or couponbus resolve ID --reissue --reason TEXT:"
            " KZXW6YTBOI4GCZLSMFXGIZLE",
            "1,000 sign-ups or more match no program and will be deleted: fix the program, then"
            " couponbus programs rematch --since 7d",
            "signups-dead: 131 messages failed repeatedly: read the errors of issue_barcodes, fix"
            " the cause, then redrive the queue to signups",
        ],
    )


def denied() -> Facts:
    """Return facts of which no part may be read."""
    nothing = {name: cast("Never", Unread(why=f"{DENIED} on {name}")) for name in sorted(PARTS)}
    return replace(well(), **nothing)


def down(stage: Stage) -> World:
    text = "the local stage is not up (no .couponbus/up.json): run `make up`, or choose a --stage"
    raise Failed(text, kind="unreachable", code=UNREACHABLE)


def site_of(
    opener: Opener,
    read_facts: Callable[[World], Facts],
    *,
    seconds: Callable[[], float] = time.monotonic,
) -> Site:
    """Return the page of a stage; `seconds` decides when its facts are read again."""
    opened = OpenedStage(Stage.LOCAL, opener=opener, read_facts=read_facts)
    return Site(opened, reading=SharedReading(opened.look, seconds=seconds), commands=COMMANDS)
