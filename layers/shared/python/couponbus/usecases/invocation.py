"""One invocation: its deadline, metrics and unsaved rows, and the bisection of its batch."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from couponbus.domain.errors import (
    ConfigurationInvalid,
    LedgerUnavailable,
    RowsBroken,
    Unavailable,
)
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.usecases.causes import UNSTORABLE, Cause, Failures, all_for, cause_of, first_of
from couponbus.usecases.messages import Message
from couponbus.usecases.store import Stored
from couponbus.usecases.traces import ByOutcome, Traces

NO_LEVELS: Mapping["Metric", float] = MappingProxyType({})


class Metric(StrEnum):
    """What is counted; the values are the names of the metrics."""

    SIGN_UPS = "SignUps"
    UNMATCHED = "Unmatched"
    UNMATCHED_SHARE = "UnmatchedShare"  # of the sign-ups of a batch, in percent
    UNMATCHED_DROPPED = "UnmatchedDropped"
    QUARANTINED = "Quarantined"
    DROPPED_FIELDS = "DroppedFields"
    REUSED_SIGN_UP_IDS = "ReusedSignUpIds"
    DUPLICATES = "Duplicates"
    CONFLICTING = "Conflicting"
    ISSUED = "Issued"
    ADOPTED = "Adopted"
    REFUSED = "Refused"
    UNKNOWN = "Unknown"
    AMBIGUOUS = "Ambiguous"
    AMBIGUOUS_OPEN = "AmbiguousOpen"
    RELEASED = "Released"
    POSTPONED = "Postponed"
    LONGEST_WAIT = "LongestWaitSeconds"  # of the issuances that a batch could not decide
    CALLS = "Calls"
    ITEMS_POSTED = "ItemsPosted"
    LOOKUPS = "Lookups"
    ANOMALIES = "Anomalies"
    UNEXPLAINED = "Unexplained"
    UNAUTHORISED = "Unauthorised"
    BRAKED = "Braked"
    BREAKER_OPEN = "BreakerOpen"  # leases that a breaker refused, or let through as a probe
    ASKED_TO_WAIT = "AskedToWait"  # polls that a provider refused, or that wait because it did
    UNREPORTED_ANSWERS = "UnreportedAnswers"
    CONTRACT_BROKEN = "ContractBroken"
    MISCONFIGURED = "Misconfigured"
    BROKEN_ROWS = "BrokenRows"
    UNEXPECTED_ERRORS = "UnexpectedErrors"
    WATCHES_STARTED = "WatchesStarted"
    WATCHES_ENDED = "WatchesEnded"
    WITHOUT_IDENTITY = "WithoutIdentity"
    FIRST_POLLS_LATE = "FirstPollsLate"
    POLLS = "Polls"
    FAILED_POLLS = "FailedPolls"
    NEWS = "News"
    RECORDED = "Recorded"
    REVERSED = "Reversed"
    PARAMS_DROPPED = "ParamsDropped"
    OVERTAKEN = "Overtaken"
    LATE = "Late"
    UNPOLLED = "Unpolled"
    PAUSED_WATCHES = "PausedWatches"
    PAUSED = "Paused"
    UNKNOWN_ERROR_CODES = "UnknownErrorCodes"
    RECORDS_LEFT_OUT = "RecordsLeftOut"
    EVENTS = "Events"
    CONTRADICTED_EVENTS = "ContradictedEvents"
    DELIVERIES = "Deliveries"
    ATTEMPTS = "Attempts"
    DELIVERED = "Delivered"
    FAILED_ATTEMPTS = "FailedAttempts"
    EXHAUSTED = "Exhausted"
    DEFERRED = "Deferred"
    UNSENT = "Unsent"
    DISABLED = "Disabled"
    ENDPOINTS_DISABLED = "EndpointsDisabled"
    REFUSED_ADDRESSES = "RefusedAddresses"
    SIGN_UPS_RECEIVED = "SignUpsReceived"
    REPEATED = "Repeated"
    WITHOUT_RECEIPT = "WithoutReceipt"
    REFUSED_TOO_LARGE = "RefusedTooLarge"
    REFUSED_UNSIGNED = "RefusedUnsigned"
    REFUSED_FORGED = "RefusedForged"
    REFUSED_INVALID = "RefusedInvalid"
    REFUSED_REUSED_ID = "RefusedReusedId"
    REFUSED_METHOD = "RefusedMethod"
    HINTS = "Hints"
    HINTS_IGNORED = "HintsIgnored"
    UNKNOWN_CALLBACKS = "UnknownCallbacks"
    UNREACHABLE = "Unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """Why messages must be redelivered, by id; what was counted; the types of unexpected errors.

    `levels` has what is measured and not counted, `broken` the keys of rows that this version can
    neither read nor store: an operator must look at them. `undone` counts the rows of which a part
    was not done although no message comes again, by why. `traces` has the trace ids by outcome,
    each with the key of a row.
    """

    causes: Mapping[str, Cause]
    metrics: Mapping[Metric, int]
    levels: Mapping[Metric, float] = NO_LEVELS
    bugs: Sequence[str] = ()
    broken: frozenset[str] = frozenset()
    undone: Mapping[Cause, int] = field(default_factory=dict)
    traces: ByOutcome = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The ids of messages to redeliver."""
        return [*self.causes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The context of one invocation, passed to every step; the steps count and report into it.

    `unreached` has the accounts, by provider, for whose polls no time was left at all; `closed`
    those that gave no slot when last asked, and until when another try is useless;
    `failed_look_ups` why the last call that looks something up failed, by account;
    `waiting` the rows that could not be decided; `unmatched` the message of each sign-up that no
    program matches.
    """

    deadline: datetime
    metrics: Counter[Metric] = field(default_factory=Counter)
    unsaved: dict[str, Cause] = field(default_factory=dict)
    traces: Traces = field(default_factory=Traces)
    bugs: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    undone: Counter[Cause] = field(default_factory=Counter)
    unreached: set[tuple[Provider, str]] = field(default_factory=set)
    closed: dict[tuple[Provider, str], float] = field(default_factory=dict)
    failed_look_ups: dict[str, str] = field(default_factory=dict)
    waiting: list[Row] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)

    def count(self, what: Metric, number: int = 1) -> None:
        """Add `number` to a metric."""
        if number:
            self.metrics[what] += number

    def leave_waiting(self, rows: Iterable[Row]) -> None:
        """Note rows that are not decided now."""
        self.waiting.extend(rows)

    def mark_unsaved(self, rows: Iterable[Row], *, why: Cause) -> None:
        """Mark the new rows among these as unsaved; those with a revision are in the ledger."""
        self.unsaved.update((row.key, why) for row in rows if row.revision == 0)

    @contextmanager
    def leaving(self, rows: int, *, after: type[Unavailable]) -> Iterator[None]:
        """Go on after such an error: what was not done is made up for later, and counted here."""
        try:
            yield
        except after as error:
            self.undone[cause_of(error)] += rows

    def left_out(self, rows: Iterable[Row], *, by: Stored[Row]) -> None:
        """Mark which of the rows a write has not stored, and keep the keys of broken ones."""
        self.broken.update(by.broken)
        self.mark_unsaved(by.unstored_of(rows), why=UNSTORABLE)

    def report(
        self, *, failed: Failures, levels: Mapping[Metric, float] = NO_LEVELS
    ) -> BatchResult:
        """Return the result of a batch; `failed` says which messages to redeliver, and why."""
        return BatchResult(
            causes=failed,
            metrics=self.metrics,
            levels=levels,
            bugs=self.bugs,
            broken=frozenset(self.broken),
            undone=self.undone,
            traces=self.traces.by_outcome(),
        )


def bisect_batch[Item](
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], Failures],
    *,
    failed: Callable[[Sequence[Item]], list[str]],
    run: Invocation,
) -> Failures:
    """Return the messages to redeliver, after bisecting the batch until a bad item fails alone.

    `failed` returns the messages of items. Where one of our own parts does not answer, no item is
    to blame: all are redelivered. Finished items are found in the ledger, so nothing is done twice.
    """
    try:
        return work(items)
    except Unavailable as error:
        run.broken.update(error.broken if isinstance(error, LedgerUnavailable) else ())
        return all_for(cause_of(error), failed(items))
    except RowsBroken as error:
        run.broken.update(error.keys)
        cause = cause_of(error)
    except ConfigurationInvalid as error:
        run.count(Metric.MISCONFIGURED, int(len(items) == 1))
        cause = cause_of(error)
    except Exception as bug:
        run.bugs.append(type(bug).__name__)
        cause = cause_of(bug)
    if len(items) <= 1:
        return all_for(cause, failed(items))
    middle = len(items) // 2
    first = bisect_batch(items[:middle], work, failed=failed, run=run)
    return first_of(first, bisect_batch(items[middle:], work, failed=failed, run=run))


def ids_of(messages: Sequence[Message]) -> list[str]:
    """Return the ids of messages."""
    return [message.message_id for message in messages]
