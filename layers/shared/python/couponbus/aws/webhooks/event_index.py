"""How past events lie in the index of the history: by the hour, then by the moment."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.moments import EPOCH, from_epoch_ms
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.ports.webhooks import EventIndexEntry

HISTORY_INDEX = "history"
HOUR_KEY, PLACE_KEY = "history_hour", "history_place"
PROJECTED = ("tenant", "detail_type", "customer_ref")
HOUR = timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)
DIGITS = 15


def history_places_of(event: EventRecord) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the attributes by which the index finds it; a test is no part of the history."""
    if event.only_for is None:
        yield HOUR_KEY, {"S": hour_of(event.event_at)}
        yield PLACE_KEY, {"S": f"{place_of(event.event_at)}#{event.event_id}"}


def hours_between(since: datetime, until: datetime) -> Iterator[str]:
    """Yield the partitions in which lies what was told from `since` to before `until`."""
    hour = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while since < until and hour < until:
        yield hour_of(hour)
        hour += HOUR


def hour_of(moment: datetime) -> str:
    """Return the partition of a moment."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"


def place_of(moment: datetime) -> str:
    """Return where a moment lies in its hour; texts sort as the moments do."""
    return f"{(moment - EPOCH) // MILLISECOND:0{DIGITS}}"


def mention_of(item: Item) -> EventIndexEntry:
    """Return what the index tells of an event."""
    return EventIndexEntry(
        event_id=item["pk"]["S"].partition("#")[2],
        tenant=item["tenant"]["S"],
        detail_type=item["detail_type"]["S"],
        customer_ref=item["customer_ref"]["S"] if "customer_ref" in item else None,
        event_at=from_epoch_ms(item[PLACE_KEY]["S"].partition("#")[0]),
    )
