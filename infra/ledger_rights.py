"""Which rows of the ledger each function reads and writes: one table, from which its rights follow.

A value is what DynamoDB calls a leading key, the partition key of each item that a call names, in
a query of an index the one of the index. `*` stands for the id of a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

type LeadingKeys = tuple[str, ...]

PROGRAMS = "PROGRAM"
COHORTS = "COHORTS"
CALLBACKS = "CALLBACKS#*"
# A letter for each backlog, with the number of its shards.
SHARDS = {"O": 4, "I": 4, "L": 4, "P": 2, "R": 8}
TO_AUDIT = "A"
PARKED = "@*"
ATTENTION = ("ambiguous*", "endpoints")


def rows(*kinds: str) -> LeadingKeys:
    """Return the keys of all rows of these kinds."""
    return tuple(f"{kind}#*" for kind in kinds)


def paces(*of: str) -> LeadingKeys:
    """Return the keys of the rate limiters of a provider's accounts, or of endpoints."""
    return tuple(f"PACE#{one}#*" for one in of)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRights:
    """What a function may do with items of the table, and in which partitions it may query.

    What it writes it also reads, to see what a row is in conflict with.
    `paces` are read and swapped, `counts` are only added to; `due` and `attention` are
    partitions of these indexes.
    """

    reads: LeadingKeys = ()
    writes: LeadingKeys = ()
    paces: LeadingKeys = ()
    counts: LeadingKeys = ()
    queries: LeadingKeys = ()
    due: LeadingKeys = ()
    attention: LeadingKeys = ()

    def of_table(self) -> Mapping[str, LeadingKeys]:
        """Return the keys by the action on the table, without actions that need none."""
        keys = {
            "BatchGetItem": tuple(dict.fromkeys(self.reads + self.writes)),
            "GetItem": self.paces,
            "PutItem": self.writes + self.paces,
            "UpdateItem": self.counts,
            "Query": self.queries,
        }
        return {action: named for action, named in keys.items() if named}


CONIQ = paces("coniq")
POLLED = paces("uniqodo", "koupon")
# The kinds that owe an event: `couponbus.aws.ledger.outbox_marks`.
OUTBOX = rows(
    "ISSUANCE",
    "RESOLUTION",
    "REJECTION",
    "TALLY",
    "WATCH",
    "REDEMPTION",
    "NOTICE",
    "STOCK",
    "ENDPOINT",
)
SWEPT = OUTBOX + rows("BATCH", "UNMATCHED", "DELIVERY", "PARKING")
SWEPT_SHARDS = tuple(f"{letter}{one}" for letter, shards in SHARDS.items() for one in range(shards))

RIGHTS: Mapping[str, LedgerRights] = {
    "issue_barcodes": LedgerRights(
        reads=rows("ISSUANCE", "RESOLUTION", "UNMATCHED", "TALLY", "RESTORE"),
        writes=rows("ISSUANCE", "BATCH", "RESOLUTION", "REJECTION", "UNMATCHED", "TALLY", "WATCH"),
        paces=CONIQ,
        queries=(PROGRAMS,),
    ),
    "publish_events": LedgerRights(writes=OUTBOX),
    "sweep_due": LedgerRights(
        reads=SWEPT,
        writes=SWEPT,
        paces=CONIQ,
        due=(*SWEPT_SHARDS, PARKED),
        attention=ATTENTION,
    ),
    "audit_barcodes": LedgerRights(
        reads=rows("ISSUANCE", "AUDIT"),
        writes=rows("ISSUANCE", "AUDIT"),
        paces=CONIQ,
        due=(TO_AUDIT,),
    ),
    "schedule_polls": LedgerRights(
        reads=rows("SCHEDULE", "PAUSE"),
        writes=rows("SCHEDULE", "NOTICE"),
        paces=POLLED,
        queries=(COHORTS,),
    ),
    "poll_redemptions": LedgerRights(
        reads=rows("WATCH", "REDEMPTION", "STOCK", "PAUSE"),
        writes=rows("WATCH", "REDEMPTION", "STOCK", "PAUSE", "NOTICE"),
        paces=POLLED,
        counts=(COHORTS,),
        queries=(PROGRAMS,),
    ),
    "fan_out_webhooks": LedgerRights(
        reads=rows("DIRECTORY", "ENDPOINT", "PARKING"),
        writes=rows("EVENT", "HISTORY", "DELIVERY", "PARKING"),
    ),
    # A body may hold the number of its barcode, or what a shop attached to its redemption: for that
    # alone it reads issuances and redemptions.
    "deliver_webhooks": LedgerRights(
        reads=rows("DELIVERY", "ENDPOINT", "EVENT", "PARKING", "ISSUANCE", "REDEMPTION"),
        writes=rows("DELIVERY", "ENDPOINT", "PARKING"),
        paces=paces("webhook"),
    ),
    "receive_callback": LedgerRights(
        reads=rows("RECEIPT"), writes=rows("RECEIPT"), counts=(CALLBACKS,)
    ),
}
