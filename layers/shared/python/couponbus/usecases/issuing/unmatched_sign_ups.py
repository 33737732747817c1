"""Sign-ups that no program wants: kept within bounds, counted, published, and matched again."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.identity import digest
from couponbus.domain.issuing.unmatched import UnmatchedSignUp, unmatched_key
from couponbus.domain.issuing.unmatched_tally import UnmatchedTally, tally_of
from couponbus.domain.row import Row
from couponbus.domain.timing import Timing
from couponbus.ports.shared import Clock
from couponbus.usecases.causes import UNSTORABLE, Failures, all_for, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.sign_up_messages import SignUp, sort_messages
from couponbus.usecases.issuing.sign_up_reading import OCCURRED_AT, TRACEPARENT
from couponbus.usecases.messages import Message, name_of
from couponbus.usecases.store import Store

BYTES_MAX = 8 * 1024  # a usual sign-up has less than 1 KiB
TALLY_TRIES = 5
UNKNOWN_SOURCE = "unknown"

type _Group = tuple[UnmatchedTally, list[UnmatchedSignUp]]


@dataclass(slots=True)
class _Counted:
    """Rows whose tally is stored, as far as they are kept, and rows whose tally is broken."""

    kept: list[UnmatchedSignUp] = field(default_factory=list)
    uncounted: list[UnmatchedSignUp] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedSignUps:
    """The tally is written before the rows: what is kept was published, or will be."""

    store: Store
    clock: Clock
    timing: Timing

    def keep(self, sign_ups: Sequence[SignUp], *, run: Invocation) -> Failures:
        """Return the messages that must be redelivered; rows already in the ledger stay there."""
        if not sign_ups:
            return {}
        now = self.clock.now()
        pairs = [(_row(one, now=now), one.message_id) for one in sign_ups]
        rows = {row.key: row for row, _ in pairs}
        try:
            known = self.store.read(list(rows))
            fresh = [row for key, row in rows.items() if key not in known.broken | known.keys()]
            counted = self._counted(fresh, now=now, run=run)
            stored = self.store.write(counted.kept)
        except LedgerUnavailable as error:
            return all_for(cause_of(error), (one.message_id for one in sign_ups))
        run.left_out(counted.kept, by=stored)
        run.broken.update(known.broken)
        again = known.broken | stored.broken | {row.key for row in counted.uncounted}
        return all_for(UNSTORABLE, (message_id for row, message_id in pairs if row.key in again))

    def settle(
        self, rows: Iterable[UnmatchedSignUp], *, matched: set[str], run: Invocation
    ) -> None:
        """Store the result of a rematch; `matched` are keys.

        Those that cannot be stored are swept and matched again, with the same result.
        """
        now = self.clock.now()
        settled = [
            row.matched(now=now) if row.key in matched else row.still_unmatched(now=now)
            for row in rows
        ]
        with run.leaving(len(settled), after=LedgerUnavailable):
            run.left_out(settled, by=self.store.write(settled))

    def close(self, tallies: Sequence[UnmatchedTally], *, run: Invocation) -> None:
        """Have the totals of past hours published; what cannot be stored is swept again."""
        now = self.clock.now()
        by = self.timing.publish_by(now)
        over = [each for each in tallies if each.ends_at <= now and not each.unpublished]
        closed = [each.closed(now=now, publish_by=by) for each in over]
        with run.leaving(len(closed), after=LedgerUnavailable):
            run.left_out(closed, by=self.store.write(closed))

    def _counted(
        self, rows: Sequence[UnmatchedSignUp], *, now: datetime, run: Invocation
    ) -> "_Counted":
        """Count the rows and return those that may be kept. Raises LedgerUnavailable."""
        groups = _by_tally(rows, now=now)
        tallies = {key: tally for key, (tally, _) in groups.items()}
        tallies.update(_tallies(self.store.read(list(groups)).values()))
        counted = _Counted()
        for _ in range(TALLY_TRIES):
            if not groups:
                return counted
            small = {key: _small(of, room=tallies[key].room) for key, (_, of) in groups.items()}
            stored = self.store.write(
                [
                    self._counting(tallies[key], of, kept=len(small[key]), now=now)
                    for key, (_, of) in groups.items()
                ]
            )
            for tally in stored.written:
                counted.kept += small[tally.key]
                run.count(Metric.UNMATCHED, len(groups[tally.key][1]))
                run.count(
                    Metric.UNMATCHED_DROPPED, len(groups[tally.key][1]) - len(small[tally.key])
                )
            for key in stored.broken:
                counted.uncounted += groups[key][1]
            run.broken.update(stored.broken)
            groups = {c.attempted.key: groups[c.attempted.key] for c in stored.conflicts}
            tallies.update(_tallies(c.stored for c in stored.conflicts))
        raise LedgerUnavailable(
            "write: too many concurrent writers of the tallies of unmatched sign-ups",
            code="write:contended",
        )

    def _counting(
        self, tally: UnmatchedTally, rows: Sequence[UnmatchedSignUp], *, kept: int, now: datetime
    ) -> UnmatchedTally:
        return tally.counting(
            number=len(rows),
            kept=kept,
            signup_id=rows[0].signup_id,
            now=now,
            publish_by=self.timing.publish_by(now),
        )


def sign_ups_of(rows: Iterable[Row]) -> list[SignUp]:
    """Return the sign-ups of kept rows; their message id is the key of the row."""
    kept = {row.key: row for row in rows if isinstance(row, UnmatchedSignUp)}
    return [
        replace(one, past=row.past)
        for key, row in kept.items()
        if row.message is not None
        for one in sort_messages(
            [Message(message_id=key, body=row.message)], now=row.arrived_at
        ).sign_ups
    ]


def key_of(sign_up: SignUp) -> str:
    """Return where one is kept."""
    return unmatched_key(_id_of(sign_up))


def _id_of(sign_up: SignUp) -> str:
    event = sign_up.event
    # No part of what was said: each delivery has another time of arrival, and may be of another
    # trace.
    unsaid = {TRACEPARENT, OCCURRED_AT} if OCCURRED_AT in sign_up.dropped else {TRACEPARENT}
    said = event.model_dump_json(exclude=unsaid)
    return digest("unmatched", event.tenant, _source_of(sign_up), event.signup_id, said)


def _source_of(sign_up: SignUp) -> str:
    return name_of(sign_up.envelope.get("source")) or UNKNOWN_SOURCE


def _row(sign_up: SignUp, *, now: datetime) -> UnmatchedSignUp:
    event = sign_up.event
    return UnmatchedSignUp(
        unmatched_id=_id_of(sign_up),
        tenant=event.tenant,
        source=_source_of(sign_up),
        signup_id=event.signup_id,
        signed_up_at=event.occurred_at,
        arrived_at=now,
        message=json.dumps(sign_up.envelope, separators=(",", ":")),
    )


def _by_tally(rows: Iterable[UnmatchedSignUp], *, now: datetime) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for row in rows:
        tally = tally_of(tenant=row.tenant, source=row.source, now=now)
        groups.setdefault(tally.key, (tally, []))[1].append(row)
    return groups


def _tallies(rows: Iterable[Row | None]) -> dict[str, UnmatchedTally]:
    return {row.key: row for row in rows if isinstance(row, UnmatchedTally)}


def _small(rows: Sequence[UnmatchedSignUp], *, room: int) -> Sequence[UnmatchedSignUp]:
    return [row for row in rows if len((row.message or "").encode()) <= BYTES_MAX][:room]
