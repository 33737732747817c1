"""A receipt is found by the id of its webhook, and says nothing of what was in it."""

import dataclasses

import pytest

from couponbus.domain.inbound.receipt import Receipt, receipt_id_of, receipt_key
from tests import factories


def test_a_receipt_is_found_by_the_id_that_came() -> None:
    receipt = dataclasses.replace(factories.any_receipt(), receipt_id=receipt_id_of("msg_1"))

    assert receipt.key == receipt_key("msg_1")


@pytest.mark.parametrize("other", ["msg_2", "MSG_1", "msg_1 ", "x" * 128])
def test_each_webhook_has_a_receipt_of_its_own(other: str) -> None:
    assert receipt_key(other) != receipt_key("msg_1")


def test_of_what_came_only_a_hash_and_a_number_are_kept() -> None:
    own = {field.name for field in dataclasses.fields(Receipt)} - {
        field.name for base in Receipt.__mro__[1:2] for field in dataclasses.fields(base)
    }

    assert own == {"receipt_id", "body_sha256", "sign_ups", "received_at"}
