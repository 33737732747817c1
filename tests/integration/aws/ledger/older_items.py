"""Items as the version without trace ids stored them."""

import re
from collections.abc import Mapping
from typing import cast

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.names import stored_as
from couponbus.domain.row import Row

BASIC = re.compile(r"\b(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\.\d+)?Z")


def extended(value: object) -> object:
    """Return it with times in the extended format of ISO 8601, as they were stored before."""
    if isinstance(value, str):
        return BASIC.sub(r"\1-\2-\3T\4:\5:\6\7Z", value)
    if isinstance(value, Mapping):
        return {name: extended(each) for name, each in value.items()}
    return [extended(each) for each in value] if isinstance(value, list) else value


def older(row: Row) -> Item:
    """Return the item of a row as that version stored it."""
    item = {name: value for name, value in encode(row).items() if name != stored_as("trace_id")}
    return cast("Item", extended(item))
