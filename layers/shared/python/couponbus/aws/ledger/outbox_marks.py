"""Which event a row owes, in the form that the stream's filters match."""

from collections.abc import Callable, Mapping
from operator import attrgetter

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from couponbus.domain.issuing.rejection import Rejection
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.stock import Stock
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.row import Row
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.events.barcodes import BarcodeAmbiguous, BarcodeIssued, BarcodeRefused
from couponbus.events.endpoints import EndpointDisabled
from couponbus.events.offers import (
    BarcodeExpiring,
    CodeValidityChanged,
    OfferAvailable,
    OfferEnded,
    OfferStockLow,
)
from couponbus.events.redemptions import (
    RedemptionRecorded,
    RedemptionReversed,
    RedemptionUpdated,
)
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.events.sign_up_unmatched import SignUpUnmatched
from couponbus.events.watches import FirstPollLate, PollingBudgetExceeded, WatchEnded

# The value of a row that decides which event it owes; some kinds always owe the same one.
_DECIDING: Mapping[type[Row], Callable[[Row], object]] = {
    Issuance: attrgetter("state"),
    Resolution: attrgetter("state"),
    Rejection: type,
    UnmatchedTally: type,
    Watch: attrgetter("state"),
    RecordedRedemption: attrgetter("last_event"),
    Notice: attrgetter("kind"),
    Stock: type,
    Endpoint: type,
}
_OUTCOMES: Mapping[object, str] = {
    IssuanceState.ISSUED: BarcodeIssued.detail_type,
    IssuanceState.REJECTED: BarcodeRefused.detail_type,
    IssuanceState.AMBIGUOUS: BarcodeAmbiguous.detail_type,
    ResolutionState.REFUSED: BarcodeRefused.detail_type,
    Rejection: SignUpRejected.detail_type,
    UnmatchedTally: SignUpUnmatched.detail_type,
    WatchState.ENDED: WatchEnded.detail_type,
    LastEvent.RECORDED: RedemptionRecorded.detail_type,
    LastEvent.UPDATED: RedemptionUpdated.detail_type,
    LastEvent.REVERSED: RedemptionReversed.detail_type,
    NoticeKind.OFFER_AVAILABLE: OfferAvailable.detail_type,
    NoticeKind.OFFER_ENDED: OfferEnded.detail_type,
    NoticeKind.BARCODE_EXPIRING: BarcodeExpiring.detail_type,
    NoticeKind.CODE_VALIDITY_CHANGED: CodeValidityChanged.detail_type,
    NoticeKind.BUDGET_EXCEEDED: PollingBudgetExceeded.detail_type,
    NoticeKind.FIRST_POLL_LATE: FirstPollLate.detail_type,
    Stock: OfferStockLow.detail_type,
    Endpoint: EndpointDisabled.detail_type,
}


def outcome_of(row: Row) -> str:
    """Return the detail type, or the deciding value if this version knows no event for it."""
    deciding = _DECIDING[type(row)](row)
    return _OUTCOMES.get(deciding) or str(deciding)
