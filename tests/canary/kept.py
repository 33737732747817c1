"""What the ledger may hold of a customer, by kind and for how long; all else is scanned."""

import json
from collections.abc import Iterator, Mapping, Sequence

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from couponbus.aws.ledger.codec import SIGNUP_INDEX, decode
from couponbus.aws.ledger.due_index import DUE_INDEX
from couponbus.aws.ledger.history_index import HISTORY_INDEX
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.ledger.packing import packed, unpacked
from couponbus.aws.polling.cohort_items import COHORT_INDEXES
from couponbus.domain.webhooks.history_page import events_in
from tests.canary import planted
from tests.integration.aws.cloud import REGION

type Item = Mapping[str, Mapping[str, object]]

# The names by which a worker calls the providers.
ASKED_BY = ("uniqodo_user", "koupon_consumer")
EVENTS = ("EVENT", "HISTORY")
UNDECIDED = ("PENDING", "REQUESTED", "AMBIGUOUS")
WITH_NAMES = tuple(index.name for index in COHORT_INDEXES.values())
INDEXES = (DUE_INDEX, SIGNUP_INDEX, HISTORY_INDEX, *WITH_NAMES)


def items_of(table: str) -> list[Item]:
    """Return all items of a table, without a call that is logged."""
    stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table]
    return [each.to_json()["Attributes"] for each in stored.all_items()]


def items_of_indexes(table: str) -> Iterator[tuple[str, Item]]:
    """Yield the items of each index of the table, with the name of the index."""
    stored = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[table]
    for name in INDEXES:
        index = stored.get_index(name)
        for each in stored.has_idx_items(name):
            yield name, index.project(each).to_json()["Attributes"]


def kind_of(item: Item) -> str:
    """Return the part of its key before the id."""
    return str(item["pk"]["S"]).partition("#")[0]


def scanned(item: Item) -> str:
    """Return a ledger item as text, without the attributes that may hold personal data.

    Bodies of events are unpacked: no search would find anything in them.
    """
    text = _without(item, _may_hold(item))
    if kind_of(item) == "EVENT":
        text += unpacked(text_in(item, "body") or packed(""))
    if kind_of(item) == "HISTORY":
        text += "".join(event.body for event in events_in([decode(item)]))
    return text.replace(planted.EVENT_SECRET, "") if kind_of(item) in EVENTS else text


def scanned_of_index(name: str, item: Item) -> str:
    """Return an index item as text; the indexes by which polls are planned may name a customer."""
    return _without(item, ("user_id",) if name in WITH_NAMES else ())


def _may_hold(item: Item) -> Sequence[str]:
    """A barcode is kept, and what a shop attached; a name only while a worker calls by it."""
    match kind_of(item):
        case "ISSUANCE":
            waits = "unpublished" in item or text_in(item, "state") in UNDECIDED
            return "barcode", "candidates", *(ASKED_BY if waits else ())
        case "RESOLUTION":
            return ("email", *ASKED_BY) if text_in(item, "state") == "WAITING" else ()
        case "UNMATCHED":
            return ("message",) if text_in(item, "state") == "KEPT" else ()
        case "WATCH":
            return () if text_in(item, "reason") == "customer_erased" else ("user_id",)
        case "ENDPOINT" | "REDEMPTION":
            return "url", "custom_params"
    return ()


def text_in(item: Item, name: str) -> str | None:
    """Return the text of a field, None if the item has none."""
    stored = stored_as(name)
    return str(item[stored]["S"]) if stored in item else None


def _without(item: Item, names: Sequence[str]) -> str:
    hidden = {stored_as(name) for name in names}
    return json.dumps({name: value for name, value in item.items() if name not in hidden})
