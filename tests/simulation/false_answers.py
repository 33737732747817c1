"""Faults that change the meaning of an answer: its form is right, its content is false."""

import json
from collections.abc import Mapping, Sequence

from couponbus_sandbox.simulator.references import ReferenceChange, changed_reference

type Item = dict[str, object]

LISTED = 3  # barcodes at most, where a filter is ignored


KEPT: Mapping[str, ReferenceChange] = {f"reference {bend}, kept": bend for bend in ReferenceChange}
SHOWN: Mapping[str, ReferenceChange] = {
    f"reference {bend}, shown": bend for bend in ReferenceChange
}
LISTED_AS: Mapping[str, ReferenceChange] = {
    f"reference {bend}, listed": bend for bend in ReferenceChange
}
IGNORED_OLDEST = "filter ignored, the oldest listed"
IGNORED_NEWEST = "filter ignored, the newest listed"
IGNORED = (IGNORED_OLDEST, IGNORED_NEWEST)
WRAPPED = ("list in data", "list in barcodes")
SINGLE = "one item without a list"
SEVERAL_CUSTOMERS = "several customers"

FALSE_POST_ANSWERS = tuple(SHOWN)
FALSE_GET_ANSWERS = (*LISTED_AS, *IGNORED, *WRAPPED, SINGLE, SEVERAL_CUSTOMERS)


def shown_as(items: Sequence[Item], bend: ReferenceChange) -> list[Item]:
    """Return the items of an answer with their references bent."""
    return [_with(item, bend) for item in items]


def framed(items: Sequence[Item], fault: str | None) -> object:
    """Return a list as it stands in the body of an answer."""
    if fault in WRAPPED:
        return {fault.removeprefix("list in "): items}
    if fault == SINGLE and len(items) == 1:
        return items[0]
    return items


def encoded(items: Sequence[Item], fault: str | None) -> bytes:
    return json.dumps(framed(items, fault)).encode()


def _with(item: Item, bend: ReferenceChange) -> Item:
    code = item.get("tracking_code")
    return {
        **item,
        "tracking_code": changed_reference(code if isinstance(code, str) else None, bend),
    }
