"""How a row is stored in the table: what the indexes, the stream and the bill need."""

import importlib
import inspect
import pkgutil
from dataclasses import replace

import pytest

from couponbus import domain
from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import decode, encode
from couponbus.aws.ledger.due_index import SHARDS
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.ledger.retention import DECIDED_LEAST
from couponbus.domain.errors import RowsBroken
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.reopening import reopened
from couponbus.domain.outbox.backlog import Backlog
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws.sizes import size

KILOBYTE = 1024
TENANT, SIGN_UP = stored_as("tenant"), stored_as("signup_id")
DAYS_90 = 90 * 86_400


def test_an_issued_row_with_names_of_usual_length_costs_one_write_unit() -> None:
    issued = replace(
        factories.any_issued().written("w" * 16),
        tenant="acme-retail-group",
        account="acme-flagship",
        program="welcome-offer-2026",
        signup_id="0b54d0f4-7c27-4f39-9c7f-1f2a3b4c5d6e",
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    )
    assert issued.barcode is not None
    issued = replace(
        issued,
        barcode=replace(
            issued.barcode, image_url="https://images.example/barcodes/1234567890123456.png"
        ),
    )
    announced = issued.announced(now=NOON).written("v" * 16)

    assert size(encode(issued, decided_kept=DECIDED_LEAST)) <= KILOBYTE
    assert size(encode(announced, decided_kept=DECIDED_LEAST)) <= KILOBYTE
    assert "ttl" in encode(announced, decided_kept=DECIDED_LEAST)


def test_keys_are_the_rows_own() -> None:
    item = encode(factories.any_rejection(seed=7))

    assert item["pk"] == {"S": factories.any_rejection(seed=7).key}
    assert item["sk"] == {"S": "ROW"}


def test_what_is_none_or_empty_is_left_out() -> None:
    item = encode(factories.any_issuance())

    absent = ("barcode", "claim_id", "reason", "candidates", "attempt", "age")
    assert {stored_as(field) for field in absent}.isdisjoint(item)


def test_the_state_is_always_there() -> None:
    assert encode(factories.any_issuance())["state"] == {"S": "PENDING"}
    assert encode(factories.any_resolution())["state"] == {"S": "WAITING"}


def test_an_empty_text_is_not_a_missing_one() -> None:
    row = replace(factories.any_issuance(), doubt="", reason=None)

    read = decode(encode(row))

    assert isinstance(read, Issuance)
    assert (read.doubt, read.reason) == ("", None)


def test_a_due_row_is_in_the_index_and_another_is_not() -> None:
    due = encode(replace(factories.any_issuance(), due_at=NOON))
    idle = encode(replace(factories.any_issuance(), due_at=None))

    assert due["due_at"] == {"N": "1780315200000"}
    assert due["due_shard"]["S"] in SHARDS[Backlog.ISSUING]
    assert {"due_at", "due_shard"}.isdisjoint(idle)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (factories.any_issued(seed=1), "BarcodeIssued"),
        (
            factories.any_issuance(seed=1).rejected(reason="no", now=NOON, publish_by=NOON),
            "BarcodeRefused",
        ),
        (
            factories.any_requested(seed=1).ambiguous(
                numbers=("1", "2"), reason="two", now=NOON, publish_by=NOON
            ),
            "BarcodeAmbiguous",
        ),
        (
            factories.any_resolution(seed=1).refused(reason="no", now=NOON, publish_by=NOON),
            "BarcodeRefused",
        ),
        (factories.any_rejection(seed=1), "SignUpRejected"),
    ],
)
def test_a_row_shows_the_stream_which_event_it_owes_until_it_is_published(
    row: Row, kind: str
) -> None:
    assert encode(row)["unpublished"] == {"S": kind}
    assert "unpublished" not in encode(row.announced(now=NOON))


def test_a_row_reopened_before_its_refusal_was_published_owes_nothing_any_more() -> None:
    refused = factories.any_issuance().rejected(reason="no", now=NOON, publish_by=NOON)
    again = reopened(refused, by=factories.any_issuance(), now=NOON)

    assert "unpublished" in encode(refused)
    assert "unpublished" not in encode(again)


def test_a_row_that_owes_nothing_is_not_in_the_stream() -> None:
    assert "unpublished" not in encode(factories.any_requested())


@pytest.mark.parametrize("row", [factories.any_issued(), factories.any_resolution()])
def test_a_row_is_found_by_its_sign_up(row: Row) -> None:
    item = encode(row)

    assert item["signup"]["S"] == f"{item[TENANT]['S']}#{item[SIGN_UP]['S']}"


def test_a_rejection_expires_ninety_days_after_it_happened() -> None:
    item = encode(replace(factories.any_rejection(), rejected_at=NOON))

    assert int(item["ttl"]["N"]) == NOON.timestamp() + DAYS_90


def test_a_decided_resolution_expires_and_a_waiting_one_does_not() -> None:
    waiting = factories.any_resolution()

    assert "ttl" not in encode(waiting)
    for decided in (
        waiting.resolved(customer_id=7, now=NOON),
        waiting.refused(reason="no", now=NOON, publish_by=NOON),
    ):
        assert int(encode(decided)["ttl"]["N"]) == NOON.timestamp() + DAYS_90


def test_a_receipt_is_forgotten_after_a_day_and_names_no_customer() -> None:
    item = encode(replace(factories.any_receipt(), received_at=NOON).written("w"))

    assert int(item["ttl"]["N"]) == NOON.timestamp() + 86_400
    assert set(item) - {"pk", "sk", "ttl", "revision", stored_as("write_id")} == {
        *("body_sha256", "sign_ups", "received_at"),
    }


@pytest.mark.parametrize("row", [factories.any_issuance(), factories.any_issued()])
def test_an_issuance_never_expires(row: Issuance) -> None:
    assert "ttl" not in encode(row)


def test_the_email_is_gone_once_the_customer_is_known() -> None:
    waiting = factories.any_resolution()

    assert stored_as("email") in encode(waiting)
    assert stored_as("email") not in encode(waiting.resolved(customer_id=7, now=NOON))


def test_what_a_newer_version_added_is_ignored() -> None:
    row = factories.any_issued()
    item: Item = {**encode(row), "colour": {"S": "green"}}

    assert decode(item) == row


@pytest.mark.parametrize(
    "damage",
    [
        {"state": {"S": "NOBODY_KNOWS"}},
        {"revision": {"N": "many"}},
        {stored_as("signed_up_at"): {"S": "yesterday"}},
        {TENANT: {"N": "7"}},
        {stored_as("barcode"): {"S": "planted-number"}},
        {stored_as("trail"): {"S": "planted"}},
        {"pk": {"S": "PROGRAM"}},
        {"pk": {"S": "TEAPOT#1"}},
    ],
)
def test_a_damaged_item_is_named_by_its_key_alone(damage: Item) -> None:
    item = {**encode(factories.any_issued()), **damage}

    with pytest.raises(RowsBroken) as failure:
        decode(item)

    key = item["pk"]["S"]
    assert failure.value.keys == {key}
    assert str(failure.value) == f"rows that cannot be read or stored: {key}"


def test_an_item_without_what_every_row_has_is_unreadable() -> None:
    item = encode(factories.any_issuance())
    del item[TENANT]

    with pytest.raises(RowsBroken):
        decode(item)


def test_every_kind_of_row_has_a_codec() -> None:
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        importlib.import_module(module.name)
    kinds = [kind for kind in Row.__subclasses__() if not inspect.isabstract(kind)]

    assert {kind.__name__ for kind in kinds} == {kind.__name__ for kind in KINDS.values()}
