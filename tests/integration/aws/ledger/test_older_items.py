"""Items as versions before stored them are read, and mean the same."""

from typing import cast

import pytest

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SIGNUP_KEY, decode, encode
from couponbus.aws.ledger.names import stored_as
from tests import factories
from tests.integration.aws.ledger.golden_rows import golden_rows
from tests.integration.aws.ledger.older_items import BASIC, extended, older

ROWS = dict(golden_rows())
TRACED = [name for name, row in ROWS.items() if stored_as("trace_id") in encode(row)]


@pytest.mark.parametrize("name", ROWS)
def test_times_in_the_extended_format_are_read(name: str) -> None:
    row = ROWS[name]
    before = cast("Item", extended(encode(row)))

    assert decode(before) == row
    assert not BASIC.search(str(before))


def test_an_event_is_in_no_index_of_its_sign_up_and_one_that_is_can_be_read() -> None:
    event = factories.any_event_record()
    before = {**encode(event), SIGNUP_KEY: {"S": "default#signup-1"}}

    assert SIGNUP_KEY not in encode(event)
    assert decode(before) == event


@pytest.mark.parametrize("name", TRACED)
def test_a_row_that_was_stored_without_a_trace_id_has_none(name: str) -> None:
    assert vars(decode(older(ROWS[name]))) == {**vars(ROWS[name]), "trace_id": None}
