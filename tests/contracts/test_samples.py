"""Model, schema and sample agree, and every sample ever released is still understood."""

import json
import re
from pathlib import Path

import boto3
import pytest
from botocore.validate import validate_parameters
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from couponbus.domain.identity import event_id, issuance_id
from couponbus.domain.masking import masked
from couponbus.domain.polling.recorded_redemption import redemption_key
from couponbus.events.barcodes import BarcodeIssued
from couponbus.events.commands import WatchCustomers
from couponbus.events.sign_up import CustomerSignedUp
from events import generate
from events.contracts import Contract

CONTRACTS = {contract.file: contract for contract in generate.everything()}
SAMPLES = generate.HERE / "samples"
RELEASED = sorted(SAMPLES.rglob("*.v*.json"))
ENTRIES = SAMPLES / "put-events.CustomerSignedUp.json"


def file_of(path: Path) -> str:
    return path.relative_to(SAMPLES).as_posix()


def model_of(path: Path) -> Contract:
    """Return the contract of a sample's own major version."""
    return CONTRACTS[file_of(path)]


@pytest.mark.parametrize("path", RELEASED, ids=file_of)
def test_the_class_understands_the_sample_and_writes_it_the_same(path: Path) -> None:
    contract = model_of(path)

    parsed = contract.model.model_validate_json(path.read_bytes())

    assert json.loads(parsed.model_dump_json(exclude_unset=True)) == json.loads(path.read_text())


@pytest.mark.parametrize("path", RELEASED, ids=file_of)
def test_the_schema_file_accepts_the_sample(path: Path) -> None:
    schema = json.loads((generate.HERE / "schemas" / file_of(path)).read_text())
    validator = Draft202012Validator(schema, format_checker=FormatChecker())

    assert [error.message for error in validator.iter_errors(json.loads(path.read_text()))] == []


@pytest.mark.parametrize("path", RELEASED, ids=file_of)
def test_class_and_schema_refuse_a_sample_that_lacks_a_required_field(path: Path) -> None:
    contract = model_of(path)
    schema = contract.schema()
    sample = json.loads(path.read_text())
    required = [name for name in schema["required"] if name in sample]  # type: ignore[attr-defined]

    assert required
    for name in required:
        less = {key: value for key, value in sample.items() if key != name}
        assert not Draft202012Validator(schema).is_valid(less)
        with pytest.raises(ValidationError):
            contract.model.model_validate(less)


def test_each_contract_has_its_sample() -> None:
    assert {file_of(path) for path in RELEASED} >= set(CONTRACTS)


def test_the_entries_are_what_the_aws_cli_takes() -> None:
    entries = json.loads(ENTRIES.read_text())
    operation = boto3.client("events", region_name="eu-west-1").meta.service_model.operation_model(
        "PutEvents"
    )

    assert operation.input_shape is not None
    validate_parameters({"Entries": entries}, operation.input_shape)
    [entry] = entries
    assert (entry["DetailType"], entry["EventBusName"]) == ("CustomerSignedUp", "couponbus-local")
    assert not entry["Source"].startswith("couponbus.")
    sign_up = CustomerSignedUp.model_validate_json(entry["Detail"])
    assert entry["DetailType"] == CustomerSignedUp.detail_type
    assert json.loads(entry["Detail"]) == json.loads(
        (SAMPLES / "CustomerSignedUp.v1.json").read_text()
    )
    assert sign_up.signup_id == "signup-0001"


def test_the_samples_form_one_story_that_can_be_recomputed() -> None:
    sign_up = CustomerSignedUp.model_validate_json(
        (SAMPLES / "CustomerSignedUp.v1.json").read_bytes()
    )
    issued = BarcodeIssued.model_validate_json((SAMPLES / "BarcodeIssued.v1.json").read_bytes())

    assert sign_up.customer.coniq_customer_id is not None
    assert issued.data.issuance_id == issuance_id(
        tenant=sign_up.tenant,
        account=issued.data.account,
        customer_id=sign_up.customer.coniq_customer_id,
        offer_id=issued.data.offer_id,
        occurrence="signup",
    )
    assert issued.data.signup_id == sign_up.signup_id


def test_the_samples_of_polling_are_about_the_customer_of_the_command() -> None:
    asked = WatchCustomers.model_validate_json((SAMPLES / "WatchCustomers.v1.json").read_bytes())
    recorded, reversed_ = (
        json.loads((SAMPLES / f"{name}.v1.json").read_text())
        for name in ("RedemptionRecorded", "RedemptionReversed")
    )
    customer = asked.customers[0]
    assert customer.uniqodo_user_id is not None
    assert customer.koupon_consumer is not None

    assert recorded["data"]["watch_id"] != reversed_["data"]["watch_id"]
    assert customer.uniqodo_user_id not in json.dumps(recorded)
    assert customer.koupon_consumer not in json.dumps(reversed_)


def test_a_redemption_and_its_update_are_one_redemption_and_two_facts() -> None:
    recorded, updated = (
        json.loads((SAMPLES / f"{name}.v1.json").read_text())
        for name in ("RedemptionRecorded", "RedemptionUpdated")
    )

    assert recorded["data"]["redemption_id"] == updated["data"]["redemption_id"]
    assert [each["metadata"]["sequence"] for each in (recorded, updated)] == [1, 2]
    for each, name in ((recorded, "RedemptionRecorded"), (updated, "RedemptionUpdated")):
        assert each["metadata"]["id"] == event_id(
            entity=redemption_key(each["data"]["redemption_id"]),
            detail_type=name,
            version=each["metadata"]["sequence"],
        )


def test_the_message_that_asks_for_watches_is_what_the_aws_cli_takes() -> None:
    body = (SAMPLES / "WatchCustomers.v1.json").read_text()
    sqs = boto3.client("sqs", region_name="eu-west-1").meta.service_model
    shape = sqs.operation_model("SendMessage").input_shape

    assert shape is not None
    validate_parameters({"QueueUrl": "https://queue.example", "MessageBody": body}, shape)
    assert (
        "file://events/samples/WatchCustomers.v1.json" in (generate.HERE / "README.md").read_text()
    )


def test_no_sample_could_be_taken_for_something_real() -> None:
    for path in sorted(SAMPLES.rglob("*.json")):
        text = path.read_text()

        for email in re.findall(r"[\w.]+@([\w.]+)", text):
            assert email.endswith(".example")
        for number in re.findall(r"\*+\d+", text):
            assert number == masked("0" * (len(number) - 4) + number[-4:])
