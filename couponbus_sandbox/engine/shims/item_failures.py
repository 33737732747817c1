"""The meaning of a partial batch response: the failed items, or all if it is malformed."""

import json
from collections.abc import Collection, Mapping
from typing import cast

REPORTS = "ReportBatchItemFailures"


def failed_items(
    *, result: Mapping[str, object], mapping: Mapping[str, object], sent: Collection[str]
) -> frozenset[str]:
    """Return the identifiers among `sent` that are delivered again, by the rules of Lambda.

    An exception, a bad key and an identifier that was not in the batch fail all of them
    (Lambda developer guide, "Success and failure conditions").
    """
    everything = frozenset(sent)
    if result.get("error"):
        return everything
    if REPORTS not in cast(Collection[str], mapping.get("FunctionResponseTypes") or ()):
        return frozenset()
    named = _named(result.get("body"))
    return named if named is not None and named <= everything else everything


def _named(body: object) -> frozenset[str] | None:
    """Return the identifiers that a response names, or None when it is malformed."""
    if isinstance(body, str | bytes):
        body = _loaded(body)
    if not body:
        return frozenset()
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    if failures is None:
        return frozenset()
    names = [_name(item) for item in failures]
    return frozenset(names) if all(names) else None


def _name(item: object) -> str:
    """Return the identifier of one entry, or nothing when it has none."""
    name = item.get("itemIdentifier") if isinstance(item, dict) else None
    return name if isinstance(name, str) else ""


def _loaded(body: str | bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None
