"""Endpoints are listed, paused, resumed and removed; what they missed can be sent again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from couponbus.aws.webhooks.signing_keys import SigningSecret
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Rows
from couponbus.domain.webhooks.delivery import Delivery
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.webhooks import (
    DAY,
    HOUR,
    SECOND,
    TOKEN,
    a_stage,
    an_endpoint,
    an_event,
    disabled,
    failed,
    stored,
    taken,
)
from tests.webhook_factories import delivery_of

SECRET = SigningSecret(secret="whsec_not-real")


def test_an_empty_list_says_how_to_begin() -> None:
    assert "There are no endpoints: couponbus endpoints add URL" in (
        FakeStage().run("endpoints", "list").out
    )


def test_the_list_shows_which_endpoint_gets_what_and_how_it_is_but_no_token() -> None:
    erp = replace(
        an_endpoint("erp"),
        pattern='{"detail-type":["WatchEnded"]}',
        scopes=("barcode:read",),
        rate=5,
        description="orders",
        failing_since=NOON - 3 * HOUR,
    )
    odd = replace(an_endpoint("odd"), pattern='{"detail":{"data":{"account":["main"]}}}')
    stage = a_stage(disabled(an_endpoint("shop")), erp, odd)

    outcome = stage.run("endpoints", "list")
    code, data = stage.run_json("endpoints", "list")

    assert (outcome.code, code) == (0, 0)
    assert TOKEN not in outcome.out + str(data)
    shop, middle, last = [
        next(line for line in outcome.out.splitlines() if f"│ {name} " in line)
        for name in ("shop", "erp", "odd")
    ]
    assert "DISABLED (gone)" in shop
    assert all(each in middle for each in ("WatchEnded", "barcode:read", "5/s", "for 3 h"))
    assert '{"detail"' in last
    listed = data["endpoints"]
    assert isinstance(listed, list)
    assert [each["endpoint_id"] for each in listed] == ["shop", "erp", "odd"]
    assert (listed[0]["state"], listed[0]["reason"]) == ("DISABLED", "gone")
    assert listed[1]["failing_since"] == "2026-06-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("waiting", "shown", "counted"), [(0, "0", 0), (2, "2", 2), (1001, "1,000+", 1000)]
)
def test_the_list_shows_how_many_webhooks_wait_for_an_endpoint(
    waiting: int, shown: str, counted: int
) -> None:
    shop, erp = an_endpoint("shop").paused(now=NOON - HOUR), an_endpoint("erp")
    events = [an_event(hours_ago=1) for _ in range(waiting)]
    rows = tuple(delivery_of(each, shop).park(now=NOON) for each in events)
    stage = a_stage(shop, erp, rows=rows)

    outcome = stage.run("endpoints", "list")
    _, data = stage.run_json("endpoints", "list")

    line = next(one for one in outcome.out.splitlines() if "│ shop " in one)
    assert shown in [cell.strip() for cell in line.split("│")]
    listed = data["endpoints"]
    assert isinstance(listed, list)
    assert [each["parked"] for each in listed] == [counted, 0]


def test_other_tenants_have_lists_of_their_own() -> None:
    stage = a_stage(an_endpoint("shop", tenant="brand"))

    assert "There are no endpoints" in stage.run("endpoints", "list").out
    assert "shop" in stage.run("endpoints", "list", "--tenant", "brand").out


def test_a_pause_keeps_what_happens_and_a_resumption_sends_it() -> None:
    shop, erp = an_endpoint("shop"), an_endpoint("erp")
    kept, sent, old = an_event(hours_ago=1), an_event(hours_ago=2), an_event(hours_ago=90)
    stage = a_stage(
        shop,
        erp,
        rows=(
            kept,
            sent,
            old,
            taken(sent, shop),
            failed(old, shop),
            held(kept, shop),
            held(kept, erp),
        ),
    )

    paused = stage.run("endpoints", "pause", "shop")
    state = stored(stage).state
    stage.clock.pass_time(600)
    resumed = stage.run("endpoints", "resume", "shop")

    assert (paused.code, resumed.code) == (0, 0)
    assert "To resume: couponbus endpoints resume shop" in paused.out
    assert (state, stored(stage).state) == (EndpointState.PAUSED, EndpointState.ACTIVE)
    assert "shop gets webhooks again; 2 that were kept: from the next minute on, 50 a second" in (
        resumed.out
    )
    later = stage.clock.now()
    assert due(stage, failed(old, shop)) == later
    assert due(stage, held(kept, shop)) == later + SECOND / 50
    assert due(stage, held(kept, erp)) == NOON + 5 * HOUR
    assert due(stage, taken(sent, shop)) is None


def held(event: EventRecord, endpoint: Endpoint) -> Delivery:
    return delivery_of(event, endpoint).put_off(until=NOON + 5 * HOUR)


def due(stage: FakeStage, delivery: Delivery) -> datetime | None:
    return stage.ledger.rows[delivery.key].due_at


def test_nothing_may_have_been_kept() -> None:
    stage = a_stage(an_endpoint().paused(now=NOON - HOUR))

    code, data = stage.run_json("endpoints", "resume", "shop")
    assert (code, data["resumed"]) == (0, 0)


class Forgetful(MemoryLedger):
    """A ledger that cannot read the directory of endpoints."""

    def read(self, keys: Sequence[str]) -> Rows:
        if any(key.startswith("DIRECTORY#") for key in keys):
            raise LedgerUnavailable("read: ThrottlingException")
        return super().read(keys)


def test_a_resumption_holds_even_if_what_was_kept_cannot_be_found_now() -> None:
    stage = FakeStage(Forgetful(an_endpoint().paused(now=NOON - HOUR).written("test")))

    outcome = stage.run("endpoints", "resume", "shop")

    assert outcome.code == 0
    assert "those that were kept for it follow within six hours" in outcome.out
    assert stored(stage).state is EndpointState.ACTIVE


@pytest.mark.parametrize(("tenant", "of"), [("default", ""), ("brand", " --tenant brand")])
def test_a_disabled_endpoint_is_resumed_and_the_command_for_what_it_missed_is_named(
    tenant: str, of: str
) -> None:
    stage = a_stage(disabled(an_endpoint(tenant=tenant)))

    outcome = stage.run("endpoints", "resume", "shop")

    assert outcome.code == 0
    assert stored(stage).state is EndpointState.ACTIVE
    # It failed before it was disabled: the retries that were due then were given up.
    assert (
        "couponbus deliveries retry --endpoint shop --undelivered --since 2026-05-28T06:24:55Z" + of
    ) in outcome.out


def test_an_endpoint_has_not_missed_what_was_published_before_it_was_added() -> None:
    young = replace(an_endpoint(), created_at=NOON - DAY)
    stage = a_stage(disabled(young))

    assert "--since 2026-05-31T12:00:00Z" in stage.run("endpoints", "resume", "shop").out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("resume", "shop is active already"),
        ("pause", "there is no endpoint missing; see `couponbus endpoints list`"),
        ("resume", "there is no endpoint missing"),
        ("remove", "there is no endpoint missing"),
        ("rotate", "there is no endpoint missing"),
        ("test", "there is no endpoint missing"),
    ],
)
def test_what_cannot_be_changed_is_said(command: str, said: str) -> None:
    name = "missing" if "missing" in said else "shop"

    outcome = a_stage(an_endpoint()).run("endpoints", command, name)

    assert (outcome.code, said in outcome.err) == (1, True)


def test_only_an_active_endpoint_can_be_paused() -> None:
    outcome = a_stage(disabled(an_endpoint())).run("endpoints", "pause", "shop")

    assert (outcome.code, "shop is DISABLED (gone) since" in outcome.err) == (1, True)


def test_an_endpoint_is_removed_with_its_secrets_once_that_was_confirmed() -> None:
    stage = a_stage(an_endpoint("shop"), an_endpoint("erp"))
    stage.signing.document = {"shop": (SECRET,), "erp": (SECRET,)}

    declined = stage.run("endpoints", "remove", "shop", typed="n\n")
    before = dict(stage.signing.document)
    done = stage.run("endpoints", "remove", "shop", typed="y\n")

    assert (declined.code, done.code) == (1, 0)
    assert "remove shop (https://hooks.shop.example/…)? Its waiting webhooks are never sent" in (
        declined.err
    )
    assert len(before) == 2
    assert list(stage.signing.document) == ["erp"]
    gone = stage.ledger.rows[endpoint_key("shop")]
    assert getattr(gone, "url", None) == ""
    assert "erp" in stage.run("endpoints", "list").out


def test_secrets_that_an_interrupted_removal_left_are_removed_by_the_next_one() -> None:
    stage = a_stage(an_endpoint("shop"))
    stage.signing.document = {"shop": (SECRET,)}
    stage.signing.will_fail()

    first = stage.run("endpoints", "remove", "shop", "--yes")
    left = dict(stage.signing.document)
    again = stage.run("endpoints", "remove", "shop", "--yes")

    assert (first.code, again.code) == (3, 0)
    assert (list(left), stage.signing.document) == (["shop"], {})
    assert "shop was removed before; now its secrets are gone too." in again.out
