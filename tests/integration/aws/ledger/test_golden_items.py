"""Stored names are a contract with every existing table: each item is compared with a file."""

import pytest

from couponbus.aws.inbound.ignored_callbacks import counted_in
from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import decode
from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.pace_item import pace_in
from couponbus.aws.polling.cohort_items import sizes_of
from couponbus.domain.inbound.ignored_callbacks import IgnoreReason
from couponbus.domain.rate_limit import Pace
from couponbus.domain.row import Row
from tests.integration.aws.ledger.golden import golden, stored
from tests.integration.aws.ledger.golden_rows import full, golden_rows


@pytest.mark.parametrize("name", list(stored()))
def test_what_is_stored_is_what_was_stored_before(name: str) -> None:
    # Changed on purpose? The docstring of `golden` says how, and what it means.
    assert stored()[name] == golden().get(name)


@pytest.mark.parametrize(("name", "row"), list(golden_rows()))
def test_what_was_stored_before_is_read(name: str, row: Row) -> None:
    assert decode(golden()[name]) == row


def test_a_pace_that_was_stored_before_is_read() -> None:
    assert pace_in({**golden()["PACE"], "pk": {"S": "PACE#fake"}}) == full(Pace)


def test_a_cohort_that_was_registered_before_is_read() -> None:
    (size,) = sizes_of([golden()["COHORT"]]).readable

    assert (size.cohort.hour, size.watches) == (525_000, 3)


def test_a_cohort_that_was_registered_by_itself_counts_on_in_the_item_of_its_day() -> None:
    of_day = golden()["COHORT"]
    alone: Item = {"sk": {"S": of_day["sk"]["S"].rpartition("#")[0] + "#525000"}}
    before: Item = {**of_day, **alone, "watches": {"N": "4"}}

    (size,) = sizes_of([before, of_day]).readable

    assert (size.cohort.hour, size.watches) == (525_000, 3 + 4)


def test_ignored_callbacks_that_were_counted_before_are_read() -> None:
    found = counted_in([golden()["CALLBACKS"]])

    assert found is not None
    assert found.numbers == dict.fromkeys(IgnoreReason, 3)


def test_each_kind_of_row_has_a_golden_item() -> None:
    named = {name.partition(" ")[0] for name in golden()}

    assert named == {*KINDS, "PACE", "COHORT", "CALLBACKS", "WORDS"}


def test_a_full_row_leaves_no_field_out() -> None:
    for name, row in golden_rows():
        if name.endswith(" full"):
            kind = name.partition(" ")[0]
            fields = {*vars(row)} - {f"{kind.lower()}_id"}
            assert {*map(stored_as, fields)} <= golden()[name].keys(), name
