"""The selection of a replay as its audit row stores it, to read and to continue from."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from couponbus.usecases.webhooks.replay_selection import Selection, Which
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import moment

SETS = ("customer_refs", "detail_types", "endpoint_ids", "delivery_ids")
UNREADABLE = "the selection of this replay was stored by another version: begin a new replay"


def text_of(selection: Selection) -> str:
    """Return it as JSON, without the filters that are not set."""
    sets = ((name, getattr(selection, name)) for name in SETS)
    fields: dict[str, object] = {
        "since": selection.since.isoformat(),
        "until": selection.until.isoformat(),
        **{name: sorted(names) for name, names in sets if names is not None},
    }
    if selection.event_ids is not None:
        fields["event_ids"] = [*selection.event_ids]
    if selection.which is not Which.ALL:
        fields["which"] = selection.which.value
    return json.dumps(fields, separators=(",", ":"))


def selection_of(text: str, *, tenant: str) -> Selection:
    """Parse the output of `text_of`. Raises Failed."""
    try:
        fields: dict[str, object] = json.loads(text)
        return Selection(
            tenant=tenant,
            since=datetime.fromisoformat(_text(fields["since"])),
            until=datetime.fromisoformat(_text(fields["until"])),
            event_ids=_names(fields.get("event_ids")),
            customer_refs=_set(fields.get("customer_refs")),
            detail_types=_set(fields.get("detail_types")),
            endpoint_ids=_set(fields.get("endpoint_ids")),
            delivery_ids=_set(fields.get("delivery_ids")),
            which=Which(_text(fields.get("which", Which.ALL))),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Failed(UNREADABLE, kind="not_allowed") from None


def in_words(selection: Selection) -> list[str]:
    """Return it as lines of text."""
    return list(_lines(selection))


def _lines(selection: Selection) -> Iterator[str]:
    if selection.event_ids is None:
        yield f"published from {moment(selection.since)} to {moment(selection.until)}"
    for name, names in (
        ("events", selection.event_ids),
        ("types", selection.detail_types),
        ("customers", selection.customer_refs),
        ("endpoints", selection.endpoint_ids),
        ("deliveries", selection.delivery_ids),
    ):
        if names is not None:
            yield f"{name}: {_shown(names)}"
    if selection.which is Which.UNDELIVERED:
        yield "only what was never delivered"


def _shown(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _names(value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise TypeError
    return tuple(_text(each) for each in value)


def _set(value: object) -> frozenset[str] | None:
    names = _names(value)
    return None if names is None else frozenset(names)
