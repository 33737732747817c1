"""What the providers have for one customer is shown, numbers only if they are asked for."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import cast

import pytest

from couponbus.domain.errors import (
    CredentialsRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
)
from couponbus.domain.health import Health
from couponbus.domain.polling.offer import (
    Assets,
    Offer,
    OfferList,
    OfferStyle,
    RedemptionLimits,
    RedemptionMethods,
    Texts,
    Validity,
    When,
    Window,
)
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus_cli.app.failing import Failed
from couponbus_cli.lookups.provider_calls import limited, one_of
from tests import factories
from tests.fakes.clock import ManualClock
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.unit.cli.stage import FakeStage

CUSTOMER = 4711
OURS = dataclasses.replace(factories.any_barcode(), customer_id=CUSTOMER, offer_id=7)
OFFER = Offer(
    offer_id="81",
    style=OfferStyle.NATIVE_AD,
    client_id=12,
    window=Window(
        starts=When(raw="12-01-12", at=datetime(2012, 12, 1, tzinfo=UTC)),
        ends=When(raw="soon", at=None),
    ),
    redemptions=RedemptionLimits(),
    validity=Validity(),
    texts=Texts(title="Two for \x1b[31mone"),
    assets=Assets(primary_image="https://images.example/81.png"),
    delivery=RedemptionMethods(),
)


def rows_in(answer: Mapping[str, object], name: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", answer[name])


def a_stage() -> FakeStage:
    stage = FakeStage()
    stage.providers.listed = [OURS]
    stage.providers.offered = OfferList(offers=(OFFER,), withheld=1)
    return stage


def test_the_number_and_its_image_are_hidden_unless_asked_for() -> None:
    stage = a_stage()

    shown = (
        stage.run("barcodes", str(CUSTOMER)).out
        + stage.run("barcodes", str(CUSTOMER), "--json").out
    )
    _, full = stage.run_json("barcodes", str(CUSTOMER), "--full")

    assert OURS.number not in shown
    assert str(OURS.image_url) not in shown
    (row,) = rows_in(full, "barcodes")
    assert (row["barcode_number"], row["image_url"]) == (OURS.number, OURS.image_url)


def test_the_barcodes_of_other_customers_are_counted_and_not_shown() -> None:
    stage = a_stage()
    foreign = dataclasses.replace(factories.any_barcode(), customer_id=CUSTOMER + 1, offer_id=7)
    stage.providers.listed = [OURS, foreign]

    code, answer = stage.run_json("barcodes", str(CUSTOMER), "--full", "--offer", "7")

    assert (code, answer["foreign"]) == (0, 1)
    assert foreign.number not in str(answer)
    assert stage.providers.asked == [(None, {"customer_id": "4711", "offer_id": "7"})]


def test_that_there_is_none_is_said() -> None:
    stage = a_stage()
    stage.providers.listed, stage.providers.offered = (), OfferList()

    assert "no such barcodes" in stage.run("barcodes", "1").out
    assert "no such offers" in stage.run("offers", "ada").out


def test_a_provider_that_does_not_answer_is_a_failure() -> None:
    stage = a_stage()
    stage.providers.failure = ProviderUnavailable("no_answer", provider="coniq", route="GET /x")

    assert stage.run("barcodes", "1").code != 0


def test_each_parameter_of_koupons_list_is_an_option() -> None:
    stage = a_stage()
    options = [
        *("--fromdt", "2026-01-01", "--todt", "2026-02-01", "--publishedonly", "yes"),
        *("--store-group", "north", "--channel", "web", "--digital-property-code", "app"),
        *("--latitude", "1.5", "--longitude", "2.5", "--geo-radius", "3", "--geo-gating"),
        *("--display-store", "9", "--account", "main"),
    ]

    assert stage.run("offers", "ada", *options).code == 0
    assert stage.run("offers", "ada", "--storeid", "1", "--storeid", "2").code == 0

    (account, first), (_, second) = stage.providers.asked
    assert (account, first) == (
        "main",
        (
            "ada",
            OfferFilter(
                fromdt=date(2026, 1, 1),
                todt=date(2026, 2, 1),
                publishedonly=True,
                store_group="north",
                channel="web",
                digital_property_code="app",
                geo_radius=3.0,
                latitude=1.5,
                longitude=2.5,
                geo_gating=True,
                display_store="9",
            ),
        ),
    )
    assert second == ("ada", OfferFilter(storeid=("1", "2")))


def test_an_offer_is_shown_with_title_style_dates_and_image() -> None:
    stage = a_stage()

    _, answer = stage.run_json("offers", "ada")
    text = stage.run("offers", "ada").out

    (row,) = rows_in(answer, "offers")
    assert (row["style"], row["client_id"], row["ends"]) == ("native_ad", 12, "soon")
    assert row["starts"] == "2012-12-01T00:00:00+00:00"
    assert row["image"] == "https://images.example/81.png"
    assert "\x1b" not in text
    assert "1 offer for adults" in text


@pytest.mark.parametrize(
    "options", [("--publishedonly", "maybe"), ("--latitude", "1"), ("--geo-radius", "2")]
)
def test_a_question_that_koupon_cannot_be_asked_is_refused(options: tuple[str, ...]) -> None:
    stage = a_stage()

    assert stage.run("offers", "ada", *options).code != 0
    assert stage.providers.asked == []


def test_the_account_is_needed_where_there_are_several() -> None:
    assert one_of({"main": 1}, None, provider="Coniq") == "main"
    assert one_of({"main": 1, "b": 2}, "b", provider="Coniq") == "b"
    for named, wanted in (({"main": 1, "b": 2}, None), ({"main": 1}, "x")):
        with pytest.raises(Failed, match="main"):
            one_of(named, wanted, provider="Coniq")


def test_a_call_takes_a_slot_of_the_workers_and_reports_what_came_of_it() -> None:
    clock = ManualClock()
    limiter = MemoryRateLimiter(clock=clock, calls_per_second={"main": 1.0})
    busy = ProviderBusy("status_429", provider="coniq", route="GET /barcode")

    def refuse(_: datetime) -> None:
        raise busy

    assert limited(limiter, "main", lambda _: 1, clock=clock) == 1
    with pytest.raises(ProviderBusy):
        limited(limiter, "main", refuse, clock=clock)

    assert [health for _, health, _ in limiter.reports] == [Health.GOOD, Health.THROTTLED]


@pytest.mark.parametrize(
    ("error", "learnt"),
    [
        (ProviderUnavailable("no_answer", provider="koupon", route="GET /x"), Health.FAILING),
        (RequestRefused("status_404", provider="koupon", route="GET /x"), Health.GOOD),
        (CredentialsRefused("status_401", provider="koupon", route="GET /x"), Health.UNAUTHORISED),
    ],
)
def test_only_what_concerns_the_account_brakes_the_workers(
    error: ProviderError, learnt: Health
) -> None:
    clock = ManualClock()
    limiter = MemoryRateLimiter(clock=clock, calls_per_second={})

    def fail(_: datetime) -> None:
        raise error

    with pytest.raises(ProviderError):
        limited(limiter, "main", fail, clock=clock)

    assert [health for _, health, _ in limiter.reports] == [learnt]


def test_where_no_slot_comes_soon_nothing_is_asked() -> None:
    clock = ManualClock()
    limiter = MemoryRateLimiter(clock=clock, calls_per_second={}, calls_per_day={"main": 1})
    asked: list[datetime] = []

    limited(limiter, "main", asked.append, clock=clock)
    with pytest.raises(Failed, match="try later"):
        limited(limiter, "main", asked.append, clock=clock)

    assert len(asked) == 1


def test_calls_that_are_kept_for_the_workers_are_left_to_them() -> None:
    clock = ManualClock()
    limiter = MemoryRateLimiter(clock=clock, calls_per_second={}, calls_per_day={"main": 2})

    limited(limiter, "main", lambda _: 1, clock=clock, leaving=1)
    with pytest.raises(Failed, match="try later"):
        limited(limiter, "main", lambda _: 1, clock=clock, leaving=1)

    assert limited(limiter, "main", lambda _: 1, clock=clock) == 1
