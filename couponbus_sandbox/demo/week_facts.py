"""The outcome of the week, read from ledger, bus, simulators and queues."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from couponbus_sandbox.demo.depth import depth
from couponbus_sandbox.demo.evidence import unusual_logs
from couponbus_sandbox.demo.load import Load
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.demo.subscription import Subscription
from couponbus_sandbox.demo.till import Till, Use, name_at_koupon, name_at_uniqodo
from couponbus_sandbox.local.stack import LocalStack

MUST_BE_EMPTY = ("polls", "polls-dead", "undelivered", "unpublished")
FIXED_INTERVAL = 300.0
PUBLISHED_TYPES = ("RedemptionRecorded", "RedemptionUpdated", "RedemptionReversed")
POLL_ROUTES = ("GET /publisher/", "GET /v2/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A redemption as the ledger has it."""

    seen_at: datetime
    is_inferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekFacts:
    """The end of a week.

    `uses` are the redemptions at the providers, `recorded` those in the ledger, by their names.
    `published` has the deliveries by event id, by name, by type; `others` counts those of other
    types. `ended` counts ended watches by reason, `open` those that have not ended. `fixed_calls`
    are those that polling each watch every five minutes would have taken.
    """

    users: int
    consumers: int
    uses: Mapping[str, Use]
    recorded: Mapping[str, Sequence[Recorded]]
    published: Mapping[str, Mapping[str, Counter[str]]]
    events: Mapping[str, int]
    others: Mapping[str, int]
    ended: Mapping[str, int]
    open: int
    calls: int
    fixed_calls: int
    faults: Mapping[str, int]
    left_over: Mapping[str, int]
    unusual_logs: Sequence[str]


def gather_week(stack: LocalStack, load: Load, till: Till, subscription: Subscription) -> WeekFacts:
    """Read everything once, after all work has ended."""
    rows = list(rows_of(stack))
    watches = [row for row in rows if isinstance(row, Watch)]
    redemptions = [row for row in rows if isinstance(row, RecordedRedemption)]
    names = {row.redemption_id: _name(row, load) for row in redemptions}
    calls = [*stack.uniqodo.calls(), *stack.koupon.calls()]
    faults = Counter(stack.uniqodo.state.faults_fired) + Counter(stack.koupon.state.faults_fired)
    return WeekFacts(
        users=len(load.users),
        consumers=len(load.consumers),
        uses=till.uses,
        recorded=_recorded(redemptions, names),
        published={kind: _published(kind, subscription, names) for kind in PUBLISHED_TYPES},
        events=subscription.counts(),
        others=Counter(
            event.detail_type
            for event in subscription.received()
            if "provider" in event.data and event.detail_type not in PUBLISHED_TYPES
        ),
        ended=Counter(row.reason or "" for row in watches if row.state is WatchState.ENDED),
        open=sum(row.state is not WatchState.ENDED for row in watches),
        calls=sum(str(call["route"]).startswith(POLL_ROUTES) for call in calls),
        fixed_calls=round(sum(map(_fixed_calls, watches))),
        faults=faults,
        left_over={
            **{name: depth(stack, name) for name in MUST_BE_EMPTY},
            "quarantine": depth(stack, "quarantine") - load.bad,  # of the sign-ups
        },
        unusual_logs=unusual_logs(stack),
    )


def _name(row: RecordedRedemption, load: Load) -> str:
    if row.provider is Provider.UNIQODO:
        return name_at_uniqodo(row.native_id)
    return name_at_koupon(load.customer_of.get(row.signup_id, 0), row.offer_id, row.ordinal or 0)


def _recorded(
    rows: Sequence[RecordedRedemption], names: Mapping[str, str]
) -> Mapping[str, Sequence[Recorded]]:
    found: dict[str, list[Recorded]] = defaultdict(list)
    for row in rows:
        if row.was_recorded:
            recorded = Recorded(seen_at=row.seen_at, is_inferred=row.inferred)
            found[names[row.redemption_id]].append(recorded)
    return found


def _published(
    kind: str, subscription: Subscription, names: Mapping[str, str]
) -> Mapping[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for event in subscription.received():
        if event.detail_type == kind:
            redemption_id = str(event.data["redemption_id"])
            found[names.get(redemption_id, redemption_id)][event.event_id] += 1
    return found


def _fixed_calls(watch: Watch) -> float:
    ended = watch.ended_at or watch.ends_at
    return (ended - watch.started_at).total_seconds() / FIXED_INTERVAL
