"""Contracts are strict where we write them, tolerant where we read them, and all registered."""

from datetime import datetime

import pytest
from pydantic import BaseModel, ValidationError

from couponbus.domain.provider import Provider
from couponbus.events import (
    barcodes,
    base,
    commands,
    endpoints,
    offers,
    redemptions,
    sign_up,
    sign_up_rejected,
    watches,
    webhook,
)
from couponbus.events.base import (
    Command,
    Metadata,
    ProviderData,
    ProviderEvent,
    PublishedEvent,
    ReceivedEvent,
)
from couponbus.events.commands import KEYS_MAX, ContinueWork, PollSpans, SpanReference
from tests import factories
from tests.fakes.clock import NOON

MODULES = (
    *(barcodes, base, commands, endpoints, offers, redemptions),
    *(sign_up, sign_up_rejected, watches, webhook),
)
OF_A_PROVIDER = {
    *("RedemptionRecorded", "RedemptionUpdated", "RedemptionReversed"),
    *("OfferAvailable", "OfferEnded", "OfferStockLow", "BarcodeExpiring"),
    *("CodeValidityChanged", "WatchEnded", "FirstPollLate", "PollingBudgetExceeded"),
}
KEY = "ISSUANCE#J7OV3HHE653VCEMPERBZXHSJMO"


def test_each_contract_is_registered_under_its_own_name() -> None:
    published, received = PublishedEvent.registry, ReceivedEvent.registry

    assert set(published) == {
        "BarcodeIssued",
        "BarcodeRefused",
        "BarcodeAmbiguous",
        "SignUpRejected",
        "SignUpUnmatched",
        "EndpointDisabled",
        *OF_A_PROVIDER,
    }
    assert set(received) == {"CustomerSignedUp"}
    assert set(Command.registry) == {
        "ContinueWork",
        "PollSpans",
        "WatchCustomers",
        "EndWatches",
        "QuarantineLetter",
        "AttemptDeliveries",
    }
    assert {name: kind.__name__ for name, kind in published.items()} == {n: n for n in published}


@pytest.mark.parametrize("event", PublishedEvent.registry.values())
def test_a_published_event_says_where_it_comes_from(event: type[PublishedEvent]) -> None:
    assert event.origins()
    assert all(origin.startswith("couponbus.") for origin in event.origins())
    assert event.version >= 1
    assert (event.__doc__ or "").endswith(".")


def test_the_events_of_polling_come_from_each_provider_and_the_others_from_one_place() -> None:
    several = {name for name, kind in PublishedEvent.registry.items() if len(kind.origins()) > 1}

    assert several == OF_A_PROVIDER
    for name in OF_A_PROVIDER:
        origins = PublishedEvent.registry[name].origins()
        assert origins == ("couponbus.uniqodo", "couponbus.koupon")
    assert barcodes.BarcodeIssued.origins() == ("couponbus.barcodes",)
    assert factories.any_event().origin == "couponbus.sign_ups"


@pytest.mark.parametrize("provider", [*Provider, "another"])
def test_an_event_comes_from_the_provider_that_its_data_names(provider: str) -> None:
    stock = offers.StockData(provider=provider, account="main", offer_id="1", left=1, threshold=2)
    metadata = Metadata(id="e", version=1, sequence=1, occurred_at=NOON, tenant="t")

    event = offers.OfferStockLow(metadata=metadata, data=stock)

    assert event.origin == f"couponbus.{provider}"
    assert "origin" not in event.model_dump()


def test_what_contracts_have_in_common_is_no_contract() -> None:
    class InCommon(ProviderEvent):
        """A base class without a contract of its own."""

        data: ProviderData

    assert {PublishedEvent, ProviderEvent, InCommon}.isdisjoint(PublishedEvent.registry.values())


def test_whatever_we_write_refuses_what_is_not_in_its_contract() -> None:
    ours = [
        kind
        for module in MODULES
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, BaseModel)
        and kind is not BaseModel
        and not issubclass(kind, ReceivedEvent | sign_up.Customer)
    ]

    assert len(ours) > len(MODULES)
    assert {kind.__name__ for kind in ours if kind.model_config.get("extra") != "forbid"} == set()
    assert {kind.__name__ for kind in ours if not kind.model_config.get("frozen")} == set()


def test_a_time_without_a_zone_is_no_time_of_a_fact() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Metadata(id="e", version=1, sequence=1, occurred_at=datetime(2026, 6, 1), tenant="default")
    assert Metadata(id="e", version=1, sequence=1, occurred_at=NOON, tenant="t").tenant == "t"


@pytest.mark.parametrize(
    "keys",
    [
        (),
        (KEY,) * (KEYS_MAX + 1),
        ("",),
        ("ISSUANCE",),
        ("#A",),
        ("ISSUANCE#",),
        ("issuance#A",),
        ("ISSUANCE#a b",),
        ("ISSUANCE#A\n",),
        ("ISSUANCE#\u0000",),
        ("ISSUANCE#\ud800",),
        ("ISSUANCE#é",),
        ("ISSUANCE#" + "A" * 120,),
        (7,),
        (None,),
        "ISSUANCE#A",
    ],
    ids=ascii,
)
def test_a_command_names_rows_and_nothing_else(keys: object) -> None:
    with pytest.raises(ValidationError):
        ContinueWork.model_validate({"type": "ContinueWork", "keys": keys})


def test_a_command_survives_the_queue() -> None:
    rows = [factories.any_issuance(), factories.any_resolution(), factories.any_rejection()]
    command = ContinueWork(keys=tuple(row.key for row in rows))

    assert ContinueWork.model_validate_json(command.model_dump_json()) == command
    assert len(ContinueWork(keys=(KEY,) * KEYS_MAX).keys) == KEYS_MAX


def test_poll_spans_have_moments_and_survive_the_queue() -> None:
    span = SpanReference(cohort="A#GROUP#1", shard=0, first="29497680", last="29497684~")
    command = PollSpans(
        provider=Provider.KOUPON, account="main", planned_at=NOON, useless_after=NOON, spans=(span,)
    )

    assert '"planned_at":"2026-06-01T12:00:00Z"' in command.model_dump_json()
    assert PollSpans.model_validate_json(command.model_dump_json()) == command


def test_a_quarantine_record_survives_the_queue() -> None:
    letter = factories.any_letter()

    assert type(letter).model_validate_json(letter.model_dump_json()) == letter
