"""Reports at once what must never happen in a run of polling (docs/reliability.md#invariants)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from couponbus.domain.copying import replace
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.snapshot import UNCLEAR
from couponbus.domain.polling.stock import Stock
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.row import Row
from tests.simulation.ledger import Change
from tests.simulation.polling.kinds import DOUBTFUL
from tests.simulation.polling.providers import Poll
from tests.simulation.polling.scenario import key_of
from tests.simulation.polling.truth import Place
from tests.simulation.publishing import PublishingWitness
from tests.simulation.world import World

SETTLED = 10.0  # seconds after which an index and the clocks agree on an erasure

_DETAIL_TYPES = {
    LastEvent.RECORDED: "RedemptionRecorded",
    LastEvent.UPDATED: "RedemptionUpdated",
    LastEvent.REVERSED: "RedemptionReversed",
}
_NOTICED = {
    NoticeKind.OFFER_AVAILABLE: "OfferAvailable",
    NoticeKind.OFFER_ENDED: "OfferEnded",
    NoticeKind.BARCODE_EXPIRING: "BarcodeExpiring",
    NoticeKind.CODE_VALIDITY_CHANGED: "CodeValidityChanged",
    NoticeKind.BUDGET_EXCEEDED: "PollingBudgetExceeded",
    NoticeKind.FIRST_POLL_LATE: "FirstPollLate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A watch as it was stored after a poll; `poll` is None if there was none."""

    at: float
    row: Watch
    before: Watch | None
    poll: Poll | None

    @property
    def is_first(self) -> bool:
        """Whether it is the first poll of a round."""
        return self.before is not None and self.before.state is WatchState.STARTING

    @property
    def is_settled(self) -> bool:
        """Whether no part of the snapshot needs confirmation."""
        return self.row.digest not in ("", UNCLEAR)


class PollWitness(PublishingWitness):
    """`stored`: stored polls by watch; `redemption_changes`: decided events by redemption.

    `validity`: by watch, what was published of why its code is not valid.
    `in_doubt` are the places whose last poll had a field in no known form.
    """

    never_early: ClassVar[str] = "P6"
    one_content: ClassVar[str] = "P6"
    liveness: ClassVar[str] = "P5"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.polls: list[Poll] = []
        self.asked: dict[str, list[float]] = defaultdict(list)
        self.stored: dict[str, list[Stored]] = defaultdict(list)
        self.redemption_changes: dict[str, list[Change]] = defaultdict(list)
        self.validity: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self.erased: dict[str, float] = {}
        self.written: list[Change] = []
        self.in_doubt: set[Place] = set()
        self._last: dict[tuple[str, int], Poll] = {}

    def asking(self, place: Place) -> None:
        now = self._world.now
        self.asked[place[1]].append(now)
        erased_at = self.erased.get(key_of(place))
        if erased_at is not None and self._world.current().started > erased_at + SETTLED:
            self.report_violation(f"P7 {key_of(place)}: polled after it was erased")

    def polled(self, poll: Poll) -> None:
        self.polls.append(poll)
        note = self.in_doubt.add if poll.damage == DOUBTFUL else self.in_doubt.discard
        note(poll.place)
        self._last[key_of(poll.place), poll.by.serial] = poll
        self._world.note("poll", f"{poll.place[3]} {_summary(poll)} {poll.damage}")

    def changed(self, change: Change) -> None:
        row, before = change.row, change.before
        self._stepped(row, before)
        if row.outcomes > (0 if before is None else before.outcomes):
            self._decided(row, _detail_type(row))
            if isinstance(row, RecordedRedemption):
                self.redemption_changes[row.key].append(change)
            if isinstance(row, Notice) and row.kind is NoticeKind.CODE_VALIDITY_CHANGED:
                self.validity[watch_key(row.watch_id or "")].append(row.errors)
        if isinstance(row, Watch):
            self._watched(change, row, before if isinstance(before, Watch) else None)

    def _watched(self, change: Change, row: Watch, before: Watch | None) -> None:
        self.written.append(change)
        if row.key in self.erased and (row.state is not WatchState.ENDED or row.user_id):
            self.report_violation(f"P7 {row.key}: there again after it was erased")
        if row.reason == EndReason.ERASED:
            self.erased.setdefault(row.key, change.at)
        elif row.state is not WatchState.STARTING and not _is_put_off(row, before):
            self._settled(change, row, before)

    def _settled(self, change: Change, row: Watch, before: Watch | None) -> None:
        """Record a write that ends a poll; marking an event as published, or a sweep, is none."""
        poll = self._last.pop((row.key, change.by.serial), None)
        has_ended = before is not None and row.state is not before.state
        if poll is not None or (has_ended and row.reason != EndReason.CANCELLED):
            self.stored[row.key].append(Stored(at=change.at, row=row, before=before, poll=poll))


def _is_put_off(row: Watch, before: Watch | None) -> bool:
    """Whether a write only says that news could not be polled again."""
    return (
        before is not None
        and bool(row.digest)
        and row == replace(before, revision=row.revision, write_id=row.write_id, due_at=row.due_at)
    )


def _summary(poll: Poll) -> str:
    """Return a snapshot in short, without personal data."""
    snapshot = poll.snapshot
    uses: Sequence[str] = [f"{one.redemption_id}={one.order_value}" for one in snapshot.uses]
    offers = [f"{one.offer_id}={one.count}/{one.limit}" for one in snapshot.offers]
    return " ".join((*uses, *offers, "" if snapshot.is_complete else "(part)"))


def _detail_type(row: Row) -> str:
    if isinstance(row, RecordedRedemption) and row.last_event is not None:
        return _DETAIL_TYPES[row.last_event]
    if isinstance(row, Notice):
        return _NOTICED[row.kind]
    return "OfferStockLow" if isinstance(row, Stock) else "WatchEnded"
