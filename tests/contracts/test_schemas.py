"""Schemas and catalogue follow the classes of the contracts."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import create_model

from couponbus.domain.polling.compare_koupon import WITHDRAWN
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.events.barcodes import BarcodeIssued, IssuedData
from couponbus.events.base import Metadata
from couponbus.usecases.publishing.event_mapping import announcement
from events import generate
from events.contracts import Contract, contracts
from events.examples import EXAMPLES
from events.parties import PARTIES
from infra.event_sources import CONTRACTS as PUBLISHERS
from infra.event_sources import published_detail_types, published_sources
from tests import factories

CONTRACTS = contracts()
EVERYTHING = generate.everything()
BY_NAME = {contract.name: contract for contract in CONTRACTS}


def with_another_field(contract: Contract) -> Contract:
    """Return the contract with one more optional field in its class."""
    model = create_model(
        contract.name,
        __doc__=contract.model.__doc__,
        metadata=(Metadata, ...),
        data=(IssuedData, ...),
        note=(str | None, None),
    )
    return replace(contract, model=model)


def x_source(contract: Contract) -> str | list[str] | None:
    """Return a single source as a text, several as a list."""
    if len(contract.sources) > 1:
        return list(contract.sources)
    return contract.sources[0] if contract.sources else None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(generate.HERE, tmp_path / "events"))


@pytest.mark.parametrize("contract", EVERYTHING, ids=lambda contract: contract.file)
def test_the_schema_file_is_valid_and_says_what_the_class_says(contract: Contract) -> None:
    schema = json.loads((generate.HERE / "schemas" / contract.file).read_text())

    Draft202012Validator.check_schema(schema)
    assert schema == contract.schema()
    assert schema.get("x-source") == x_source(contract)
    assert schema.get("x-detail-type") == contract.detail_type


def test_there_are_the_contracts_that_the_product_promises() -> None:
    by_direction = {
        direction: {each.name for each in CONTRACTS if each.direction == direction}
        for direction in ("received", "published", "command")
    }

    assert by_direction == {
        "received": {"CustomerSignedUp"},
        "published": {
            *("BarcodeIssued", "BarcodeRefused", "BarcodeAmbiguous"),
            *("SignUpRejected", "SignUpUnmatched"),
            *("RedemptionRecorded", "RedemptionUpdated", "RedemptionReversed"),
            *("OfferAvailable", "OfferEnded", "OfferStockLow", "BarcodeExpiring"),
            *("CodeValidityChanged", "WatchEnded", "FirstPollLate", "PollingBudgetExceeded"),
            "EndpointDisabled",
        },
        "command": {
            *("ContinueWork", "PollSpans", "WatchCustomers", "EndWatches", "QuarantineLetter"),
            "AttemptDeliveries",
        },
    }


def test_each_source_and_detail_type_may_be_put_on_the_bus() -> None:
    published = [contract for contract in CONTRACTS if contract.direction == "published"]

    assert {source for each in published for source in each.sources} == set(published_sources())
    assert {each.detail_type for each in published} == set(published_detail_types())
    assert {each.model.__module__ for each in published} == {each.__name__ for each in PUBLISHERS}


def test_an_event_has_one_schema_for_all_providers_and_names_each_source() -> None:
    contract = BY_NAME["RedemptionRecorded"]
    example = json.loads(json.dumps(EXAMPLES["RedemptionRecorded"]))
    validator = Draft202012Validator(contract.schema())

    assert x_source(contract) == ["couponbus.uniqodo", "couponbus.koupon"]
    assert x_source(BY_NAME["BarcodeIssued"]) == "couponbus.barcodes"
    for provider in (*Provider, "one-that-comes-later"):
        example["data"]["provider"] = provider
        assert validator.is_valid(example)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize(
    "make",
    [
        factories.any_recorded_redemption,
        factories.any_notice,
        factories.any_stock,
        factories.any_ended_watch,
    ],
    ids=lambda make: make.__name__,
)
def test_whatever_a_row_publishes_is_as_its_schema_says(
    make: Callable[..., Row], seed: int
) -> None:
    event = announcement(make(seed=seed))

    assert event is not None
    text = event.model_dump_json()
    schema = json.loads((generate.HERE / "schemas" / BY_NAME[event.detail_type].file).read_text())
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(json.loads(text))] == []
    assert type(event).model_validate_json(text) == event
    assert event.origin in schema["x-source"]


@pytest.mark.parametrize(
    ("name", "field", "codes"),
    [
        ("WatchEnded", "reason", [*EndReason]),
        ("OfferEnded", "reason", [EndReason.EXPIRED, EndReason.USED_UP, WITHDRAWN]),
        ("WatchEnded", "provider", [*Provider]),
    ],
)
def test_a_code_is_open_and_its_schema_names_those_there_are(
    name: str, field: str, codes: list[str]
) -> None:
    schema = json.loads((generate.HERE / "schemas" / BY_NAME[name].file).read_text())
    [data] = [each for kind, each in schema["$defs"].items() if kind != "Metadata"]
    declared = data["properties"][field]

    assert declared["type"] == "string"
    assert "enum" not in declared
    assert [code for code in codes if code not in declared["description"]] == []


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_a_contract_is_called_like_its_class_and_has_parties_and_an_example(
    contract: Contract,
) -> None:
    assert contract.detail_type in (None, contract.model.__name__)
    assert contract.name in PARTIES
    assert contract.name in EXAMPLES


def test_nothing_is_kept_for_a_contract_that_does_not_exist() -> None:
    assert set(PARTIES) == set(BY_NAME) == set(EXAMPLES)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_a_published_event_lets_no_unknown_field_through_and_a_received_one_does(
    contract: Contract,
) -> None:
    validator = Draft202012Validator(contract.schema())

    accepted = validator.is_valid({**EXAMPLES[contract.name], "unknown": 1})

    assert accepted is (contract.direction == "received")


def test_nothing_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_the_catalogue_names_each_contract_once() -> None:
    page = (generate.HERE / "README.md").read_text()

    for contract in CONTRACTS:
        assert page.count(f"| `{contract.name}` v{contract.version} |") == 1
        assert f"(schemas/{contract.file})" in page
        assert f"(samples/{contract.file})" in page


def test_another_optional_field_makes_the_schema_stale(copy: Path) -> None:
    issued = BY_NAME["BarcodeIssued"]
    changed = [with_another_field(issued) if each == issued else each for each in EVERYTHING]

    stale = generate.stale_files(generate.generated(changed), folder=copy)

    assert stale == ["schemas/BarcodeIssued.v1.json"]
    assert BY_NAME["BarcodeIssued"].model is BarcodeIssued


def test_stale_files_are_named_and_then_written_again(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "schemas" / "BarcodeIssued.v1.json").write_text("{}")
    (copy / "samples" / "SignUpRejected.v1.json").unlink()
    (copy / "schemas" / "Gone.v1.json").write_text("{}")
    (copy / "schemas" / "webhooks" / "Gone.v1.json").write_text("{}")

    assert generate.main(["--check"], folder=copy) == 1
    assert capsys.readouterr().err.splitlines() == [
        "stale: events/samples/SignUpRejected.v1.json",
        "stale: events/schemas/BarcodeIssued.v1.json",
        "stale: events/schemas/Gone.v1.json",
        "stale: events/schemas/webhooks/Gone.v1.json",
        "run `make events`",
    ]

    assert generate.main([], folder=copy) == 0
    assert generate.main(["--check"], folder=copy) == 0
    assert not (copy / "schemas" / "Gone.v1.json").exists()


def test_files_are_written_into_an_empty_folder(tmp_path: Path) -> None:
    assert generate.main([], folder=tmp_path) == 0

    schemas = [f"schemas/{contract.file}" for contract in EVERYTHING]
    for name in ("README.md", "asyncapi.json", *schemas):
        assert (tmp_path / name).read_bytes() == (generate.HERE / name).read_bytes()


def test_a_sample_of_an_older_version_is_kept(copy: Path) -> None:
    old = copy / "samples" / "BarcodeIssued.v0.json"
    old.write_text("{}")

    assert generate.main([], folder=copy) == 0
    assert generate.main(["--check"], folder=copy) == 0
    assert old.exists()


def test_schemas_are_sorted_so_that_a_change_is_one_hunk() -> None:
    for path in sorted((generate.HERE / "schemas").rglob("*.json")):
        schema = cast("dict[str, object]", json.loads(path.read_text()))

        assert path.read_text() == json.dumps(schema, indent=2, sort_keys=True) + "\n"
