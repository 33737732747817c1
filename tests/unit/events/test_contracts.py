"""Contracts are strict where we write them, tolerant where we read them, and all registered."""

from datetime import datetime

import pytest
from pydantic import BaseModel, ValidationError

from couponbus.events import barcodes, base, commands, sign_up, sign_up_rejected
from couponbus.events.base import Command, Metadata, PublishedEvent, ReceivedEvent
from couponbus.events.commands import KEYS_PER_COMMAND, ContinueWork
from tests import factories
from tests.fakes.clock import NOON

MODULES = (barcodes, base, commands, sign_up, sign_up_rejected)
KEY = "ISSUANCE#J7OV3HHE653VCEMPERBZXHSJMO"


def test_each_contract_is_registered_under_its_own_name() -> None:
    published, received = PublishedEvent.registry, ReceivedEvent.registry

    assert set(published) == {
        "BarcodeIssued",
        "BarcodeRefused",
        "BarcodeAmbiguous",
        "SignUpRejected",
    }
    assert set(received) == {"CustomerSignedUp"}
    assert set(Command.registry) == {"ContinueWork", "QuarantineLetter"}
    assert {name: kind.__name__ for name, kind in published.items()} == {n: n for n in published}


@pytest.mark.parametrize("event", PublishedEvent.registry.values())
def test_a_published_event_says_where_it_comes_from(event: type[PublishedEvent]) -> None:
    assert event.source.startswith("couponbus.")
    assert event.version >= 1
    assert (event.__doc__ or "").endswith(".")


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
        (KEY,) * (KEYS_PER_COMMAND + 1),
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
    assert len(ContinueWork(keys=(KEY,) * KEYS_PER_COMMAND).keys) == KEYS_PER_COMMAND


def test_a_letter_survives_the_queue() -> None:
    letter = factories.any_letter()

    assert type(letter).model_validate_json(letter.model_dump_json()) == letter
