"""Which event a row owes, in the form that the stream's filters match.

All is by names: a function loads no kinds of rows and no events that it never has.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter

from couponbus.domain.row import Row

# The event that a kind always owes.
ALWAYS: Mapping[str, str] = {
    "REJECTION": "SignUpRejected",
    "TALLY": "SignUpUnmatched",
    "STOCK": "OfferStockLow",
    "ENDPOINT": "EndpointDisabled",
}
# The field of a row that decides which event it owes.
DECIDING: Mapping[str, str] = {
    "ISSUANCE": "state",
    "RESOLUTION": "state",
    "WATCH": "state",
    "REDEMPTION": "last_event",
    "NOTICE": "kind",
}
OUTCOMES: Mapping[str, Mapping[object, str]] = {
    "ISSUANCE": {
        "ISSUED": "BarcodeIssued",
        "REJECTED": "BarcodeRefused",
        "AMBIGUOUS": "BarcodeAmbiguous",
    },
    "RESOLUTION": {"REFUSED": "BarcodeRefused"},
    "WATCH": {"ENDED": "WatchEnded"},
    "REDEMPTION": {
        "recorded": "RedemptionRecorded",
        "updated": "RedemptionUpdated",
        "reversed": "RedemptionReversed",
    },
    "NOTICE": {
        "offer_available": "OfferAvailable",
        "offer_ended": "OfferEnded",
        "barcode_expiring": "BarcodeExpiring",
        "code_validity_changed": "CodeValidityChanged",
        "budget_exceeded": "PollingBudgetExceeded",
        "first_poll_late": "FirstPollLate",
    },
}
_VALUE_OF: Mapping[str, Callable[[Row], object]] = {
    kind: attrgetter(field) for kind, field in DECIDING.items()
}


def outcome_of(row: Row) -> str:
    """Return the detail type, or the deciding value if this version knows no event for it."""
    kind = row.key.partition("#")[0]
    if kind in ALWAYS:
        return ALWAYS[kind]
    deciding = _VALUE_OF[kind](row)
    return OUTCOMES[kind].get(deciding) or str(deciding)
