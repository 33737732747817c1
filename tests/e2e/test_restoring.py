"""The runbook of a restore, rehearsed: the table goes back, and no customer gets two barcodes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from couponbus.aws.ledger.names import stored_as
from couponbus.usecases.issuing.last_restore import MARK_FRESH_FOR
from couponbus_sandbox.coniq import FaultKind, FaultRule
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Customer, Product, any_customer, sign_up

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

RESTORED = "couponbus-local-restored"
RETRY_AFTER = 600.0  # longer than a busy machine copies a table

type Item = Mapping[str, "AttributeValueTypeDef"]


@pytest.fixture
def recovery(product: Product) -> Iterator["Recovery"]:
    made = Recovery(product)
    yield made
    made.product.couponbus("restore", "start")
    made.product.couponbus("restore", "done", "--yes")
    made.forget()


class Recovery:
    """AWS' part of a restore: a table with the items of an earlier moment."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._client = product.stack.access.dynamodb()
        self._exists = False

    def back_up(self) -> Sequence[Item]:
        """Copy the table as it is now, and return its items."""
        items = self.items()
        self._client.create_table(
            TableName=RESTORED,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        self._exists = True
        for item in items:
            self._client.put_item(TableName=RESTORED, Item=item)
        return items

    def items(self) -> list[Item]:
        pages = self._client.get_paginator("scan").paginate(TableName=self.product.stack.table)
        return [item for page in pages for item in page["Items"]]

    def issuance_of(self, who: Customer) -> Item | None:
        """Return the stored issuance of a customer."""
        return _issuance_of(who, self.items())

    def lose(self, who: Customer) -> None:
        """Delete a customer's issuance from the table."""
        item = self.issuance_of(who)
        assert item is not None
        self._client.delete_item(
            TableName=self.product.stack.table, Key={"pk": item["pk"], "sk": item["sk"]}
        )

    def forget(self) -> None:
        if self._exists:
            self._client.delete_table(TableName=RESTORED)


def _issuance_of(who: Customer, items: Sequence[Item]) -> Item | None:
    for item in items:
        if item.get(stored_as("signup_id"), {}).get("S") == who.signup_id and _is_issuance(item):
            return item
    return None


def _is_issuance(item: Item) -> bool:
    return item["pk"].get("S", "").startswith("ISSUANCE#")


def test_a_restore_by_the_runbook_gives_no_customer_a_second_barcode(
    product: Product, recovery: Recovery
) -> None:
    pending, forgotten, later = (any_customer() for _ in range(3))
    product.coniq.faults(
        FaultRule(kind=FaultKind.RATE_LIMITED, count=1, retry_after=RETRY_AFTER, route="*")
    )
    product.put_events(sign_up(pending))
    until(lambda: _is_pending_after_an_attempt(recovery.issuance_of(pending)))
    backed_up_at = product.stack.clock.now()
    backup = recovery.back_up()
    assert _is_pending_after_an_attempt(_issuance_of(pending, backup))
    product.stack.move_clock(seconds=RETRY_AFTER)
    product.put_events(sign_up(forgotten))
    for each in (pending, forgotten):
        product.until_received("BarcodeIssued", each.signup_id)

    begun = product.couponbus("restore", "begin", "--to", backed_up_at.isoformat(), "--idle")
    recovery.lose(forgotten)
    product.put_events(sign_up(later))  # waits in its queue meanwhile
    copied = product.couponbus("restore", "copy", "--from", RESTORED, "--over", "--yes")
    product.stack.move_clock(seconds=MARK_FRESH_FOR.total_seconds())
    started = product.couponbus("restore", "start")
    product.put_events(sign_up(pending), sign_up(forgotten))  # sent by the producer once more
    during = product.couponbus("restore", "status", "--json")
    product.until_received("BarcodeIssued", later.signup_id)
    until(lambda: _is_settled(product, recovery, pending, forgotten, later), seconds=60)
    done = product.couponbus("restore", "done", "--yes")

    assert [each.returncode for each in (begun, copied, started, done)] == [0, 0, 0, 0], begun
    assert json.loads(during.stdout)["done_at"] is None
    assert [len(product.numbers(each)) for each in (pending, forgotten, later)] == [1, 1, 1]
    for each in (pending, forgotten):
        received = product.received("BarcodeIssued", each.signup_id)
        assert len({one.event_id for one in received}) == 1


def _is_pending_after_an_attempt(item: Item | None) -> bool:
    return item is not None and item["state"] == {"S": "PENDING"} and stored_as("attempt") in item


def _is_settled(product: Product, recovery: Recovery, *people: Customer) -> bool:
    product.tick_for(seconds=0.5)
    items = [recovery.issuance_of(each) for each in people]
    return all(item is not None and item["state"] == {"S": "ISSUED"} for item in items)
