"""Items as versions before stored them are read, and mean the same."""

from typing import cast

import pytest

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import SIGNUP_KEY, decode, encode
from couponbus.domain.copying import replace
from tests import factories
from tests.integration.aws.ledger.golden_rows import golden_rows
from tests.integration.aws.ledger.older_items import BASIC, extended, older

ROWS = dict(golden_rows())
TRACED = [name for name, row in ROWS.items() if "trace_id" in encode(row)]


@pytest.mark.parametrize("name", ROWS)
def test_times_in_the_extended_format_are_read(name: str) -> None:
    row = ROWS[name]
    before = cast("Item", extended(encode(row)))

    assert decode(before) == row
    assert not BASIC.search(str(before))


@pytest.mark.parametrize("tenant", ["default", "a#b", "50%", "%23#%", "#"])
@pytest.mark.parametrize("signup_id", ["signup-1", "a#b", "#", "%23", "1%25"])
def test_an_event_says_its_sign_up_once_and_either_form_is_read(
    tenant: str, signup_id: str
) -> None:
    event = replace(factories.any_event_record(), tenant=tenant, signup_id=signup_id)
    item = encode(event)

    assert "signup_id" not in item
    assert decode(item) == event
    assert decode(older(event)) == event


def test_an_event_of_no_sign_up_has_none() -> None:
    event = replace(factories.any_event_record(), signup_id=None)

    assert SIGNUP_KEY not in encode(event)
    assert decode(encode(event)) == event


@pytest.mark.parametrize("name", TRACED)
def test_a_row_that_was_stored_without_a_trace_id_has_none(name: str) -> None:
    assert vars(decode(older(ROWS[name]))) == {**vars(ROWS[name]), "trace_id": None}
