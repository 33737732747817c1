"""What the table stores, byte for byte: `python -m tests.integration.aws.ledger.golden` writes it.

While nothing is released, a stored name may change: write the file anew, and read the difference.
Afterwards a line that changes or goes is a row of an operator's table that this version cannot read
or does not find: read the old name as well, or migrate before. New lines are always welcome, if the
field has a default.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from couponbus.aws.inbound import ignored_callbacks
from couponbus.aws.ledger.attributes import Item
from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.moments import moment_text
from couponbus.aws.pace_item import attributes_of
from couponbus.aws.polling.cohort_items import document_of, hour_name, key_of
from couponbus.domain.inbound.ignored_callbacks import IgnoreReason
from couponbus.domain.polling.cohort import Cohort, CohortKind
from couponbus.domain.polling.poll_policy import ListFilter, PollGroup
from couponbus.domain.provider import Provider
from couponbus.domain.rate_limit import Pace
from tests.integration.aws.ledger.golden_rows import BEGIN, POLICY, full, golden_rows, words

FILE = Path(__file__).with_name("golden_items.json")

type Items = Mapping[str, Item]


def stored() -> Items:
    """Return the items as this version makes them, by names for the rows."""
    group = PollGroup(provider=Provider.KOUPON, account="fake-account", poll_policy=POLICY)
    cohort = Cohort(kind=CohortKind.AGE, group=group, hour=525_000)
    filtered = replace(group, list_filter=full(ListFilter))
    narrow = replace(cohort, group=filtered)
    return {
        **{name: encode(row) for name, row in golden_rows()},
        "PACE": attributes_of(full(Pace)),
        "WORDS": {field: {"SS": held} for field, held in words()},
        "CALLBACKS": _ignored_callbacks(),
        "COHORT": {**key_of(cohort), hour_name(cohort): {"N": "3"}, **_document(group)},
        "COHORT filtered": {**key_of(narrow), hour_name(narrow): {"N": "3"}, **_document(filtered)},
    }


def _document(group: PollGroup) -> Item:
    return {"document": {"S": document_of(group)}}


def _ignored_callbacks() -> Item:
    numbers: Item = {reason.value: {"N": "3"} for reason in IgnoreReason}
    return {
        **ignored_callbacks.key_of("fake-account", BEGIN),
        **numbers,
        "last_at": {"S": moment_text(BEGIN)},
    }


def golden() -> Items:
    """Return the items in the file."""
    found: Items = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write the file: one line for each attribute, so that a difference can be read."""
    FILE.write_text(f"{{\n{',\n'.join(_lines(stored()))}\n}}\n", encoding="utf-8")


def _lines(items: Items) -> list[str]:
    return [
        f"  {json.dumps(name)}: {{\n"
        + ",\n".join(f"    {json.dumps(key)}: {json.dumps(item[key])}" for key in sorted(item))
        + "\n  }"
        for name, item in items.items()
    ]


if __name__ == "__main__":
    main()
