"""The AsyncAPI document is valid, and describes each message as its contract does."""

import json
import posixpath
import re
from collections.abc import Callable

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from couponbus.domain.identity import event_id
from couponbus.domain.webhooks.endpoint import Scope
from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus.domain.webhooks.signature import signed
from couponbus.events.commands import WatchCustomers
from couponbus.usecases.inbound.sign_up_body import SEVERAL, SIGN_UPS_MAX
from couponbus_config.names import Names
from events import generate
from tests.architecture import tree
from tests.contracts.asyncapi_rules import Node, broken_rules, node, references
from tests.fakes.clock import NOON

DOCUMENT: dict[str, object] = json.loads((generate.HERE / "asyncapi.json").read_text())
MESSAGES = node(node(DOCUMENT, "components"), "messages")
TRAITS = node(node(DOCUMENT, "components"), "messageTraits")
CONTRACTS = generate.everything()
PUBLISHED = [each for each in CONTRACTS if each.direction == "published"]
WEBHOOKS = [each for each in CONTRACTS if each.direction == "webhook"]


def on(channel: str) -> set[str]:
    return set(node(node(node(DOCUMENT, "channels"), channel), "messages"))


def validator(message: str) -> Draft202012Validator:
    """Return a validator that reads the files to which a payload refers."""

    def file(uri: str) -> Resource[object]:
        return Resource.from_contents(
            json.loads((generate.HERE / posixpath.normpath(uri)).read_text())
        )

    payload = node(node(MESSAGES, message), "payload")
    return Draft202012Validator(payload, registry=Registry(retrieve=file))  # type: ignore[call-arg]


def test_the_document_breaks_no_rule_of_asyncapi() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert broken_rules(DOCUMENT) == []


def test_it_describes_everything_that_others_send_or_get() -> None:
    assert on("bus") == {each.name for each in PUBLISHED} | {"CustomerSignedUp"}
    assert on("webhooks") == {f"{each.name}Webhook" for each in WEBHOOKS}
    assert on("httpSignUps") == {"SignUps"}
    assert on("signups") == {"CustomerSignedUp"}
    assert on("polls") == {WatchCustomers.__name__}
    assert set(MESSAGES) == {name for channel in node(DOCUMENT, "channels") for name in on(channel)}


def test_each_operation_says_who_sends() -> None:
    sent = {
        name
        for name in node(DOCUMENT, "operations")
        if node(node(DOCUMENT, "operations"), name)["action"] == "send"
    }

    assert sent == {"publishEvents", "deliverWebhooks"}


def test_addresses_are_the_names_that_are_deployed() -> None:
    names = Names(stage="{stage}")
    channels = node(DOCUMENT, "channels")

    assert node(channels, "bus")["address"] == names.base
    for queue in ("signups", "polls"):
        assert node(channels, queue)["address"] == names.of(queue)


def test_each_payload_is_the_schema_file_of_its_contract() -> None:
    files = {
        posixpath.normpath(reference)
        for reference in references(MESSAGES)
        if not reference.startswith("#/")
    }

    internal = {each.file for each in CONTRACTS if each.direction == "command"}
    shown = {each.file for each in CONTRACTS} - internal | {"WatchCustomers.v1.json"}
    assert files == {f"schemas/{file}" for file in shown}
    assert {name for name in files if not (generate.HERE / name).is_file()} == set()


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_example_of_a_message_is_as_its_payload_says(name: str) -> None:
    examples = node(MESSAGES, name)["examples"]
    assert isinstance(examples, list)
    [example] = examples

    assert list(validator(name).iter_errors(example["payload"])) == []
    assert not validator(name).is_valid({})


def test_rules_can_match_on_what_the_headers_say() -> None:
    for contract in PUBLISHED:
        properties = node(node(node(MESSAGES, contract.name), "headers"), "properties")

        assert node(properties, "detail-type")["const"] == contract.detail_type
        assert node(properties, "source")["enum"] == [*contract.sources]


@pytest.mark.parametrize(("keys", "count"), [((bytes(32),), 1), ((bytes(32), bytes(64)), 2)])
def test_what_is_signed_has_the_headers_of_the_document(
    keys: tuple[bytes, ...], count: int
) -> None:
    message_id = message_id_of(event_id(entity="ISSUANCE#A", detail_type="T", version=1))
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(NOON.timestamp())),
        "webhook-signature": signed(message_id=message_id, at=NOON, body=b"{}", keys=keys),
    }

    for trait in ("signedByUs", "signedByYou"):
        checker = Draft202012Validator(node(node(TRAITS, trait), "headers"))
        assert checker.is_valid(headers)
        assert headers["webhook-signature"].count("v1,") == count
        for name in headers:
            assert not checker.is_valid({**headers, name: "a.b"})
            assert not checker.is_valid({**headers, name: ""})


def test_a_signed_request_holds_a_sign_up_or_as_many_as_are_taken_at_once() -> None:
    one = generate.examples_of(CONTRACTS)["CustomerSignedUp.v1.json"]
    checker = validator("SignUps")

    assert checker.is_valid(one)
    assert checker.is_valid({SEVERAL: [one] * SIGN_UPS_MAX})
    assert not checker.is_valid({SEVERAL: [one] * (SIGN_UPS_MAX + 1)})
    assert not checker.is_valid({SEVERAL: []})
    assert not checker.is_valid({SEVERAL: [{}]})


def test_the_number_of_a_barcode_is_described_with_its_scope() -> None:
    schema = json.loads((generate.HERE / "schemas/webhooks/BarcodeIssued.v1.json").read_text())
    data = schema["$defs"]["ReadableIssuedData"]

    assert Scope.BARCODE_READ in data["properties"]["barcode_number"]["description"]
    assert "barcode_number" not in data["required"]
    for contract in (*PUBLISHED, *WEBHOOKS):
        if contract.file != "webhooks/BarcodeIssued.v1.json":
            assert "barcode_number" not in json.dumps(contract.schema())


def test_the_document_has_the_version_of_the_product() -> None:
    declared = re.search(r'(?m)^version = "(.*)"$', tree.text(tree.ROOT / "pyproject.toml"))

    assert declared
    assert node(DOCUMENT, "info")["version"] == declared.group(1)


def without(*path: str) -> Callable[[str], str]:
    """Return a change that removes a field from the document."""

    def change(text: str) -> str:
        document = json.loads(text)
        inner = document
        for part in path[:-1]:
            inner = inner[part]
        del inner[path[-1]]
        return json.dumps(document)

    return change


def instead(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (without("info", "version"), "info needs ['version']"),
        (without("operations", "publishEvents", "action"), "operation publishEvents needs"),
        (
            without("operations", "receiveEvents", "channel"),
            "operation receiveEvents needs ['channel']",
        ),
        (without("components", "messages", "WatchEnded"), "refers to nothing"),
        (without("channels", "bus", "messages", "WatchEnded"), "refers to nothing"),
        (without("channels", "bus", "parameters"), "channel bus has the address"),
        (instead('"action": "send"', '"action": "publish"'), "neither sends nor receives"),
        (instead('"headers"', '"header"'), "has no field ['header']"),
        (instead("#/channels/bus/messages/", "#/components/messages/"), "is not on its channel"),
    ],
)
def test_a_document_that_breaks_a_rule_is_found(change: Callable[[str], str], rule: str) -> None:
    broken: Node = json.loads(change(json.dumps(DOCUMENT)))

    assert any(rule in sentence for sentence in broken_rules(broken))
