"""The names of everything that is counted while barcodes are issued; also those of the metrics."""

from enum import StrEnum


class Count(StrEnum):
    """What is counted."""

    SIGN_UPS = "SignUps"
    UNMATCHED = "Unmatched"
    QUARANTINED = "Quarantined"
    DUPLICATES = "Duplicates"
    CONFLICTING = "Conflicting"
    ISSUED = "Issued"
    ADOPTED = "Adopted"
    REFUSED = "Refused"
    UNKNOWN = "Unknown"
    AMBIGUOUS = "Ambiguous"
    RELEASED = "Released"
    POSTPONED = "Postponed"
    CALLS = "Calls"
    ITEMS_POSTED = "ItemsPosted"
    LOOKUPS = "Lookups"
    ANOMALIES = "Anomalies"
    UNAUTHORISED = "Unauthorised"
    CONTRACT_BROKEN = "ContractBroken"
    MISCONFIGURED = "Misconfigured"
