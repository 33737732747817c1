"""Whether endpoints were disabled when they had to be, never otherwise, and published once."""

from collections.abc import Iterator

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState
from couponbus.domain.webhooks.endpoint import DisabledBecause, EndpointState
from tests.simulation.faults import REFUSED
from tests.simulation.ledger import Change
from tests.simulation.webhooks.judging_replays import slept_on
from tests.simulation.webhooks.run import WebhookRun
from tests.simulation.webhooks.scenario import Subscriber
from tests.simulation.webhooks.witness import Standing

FIVE_DAYS = 5 * 86_400.0
GONE = 410
CLOCKS_APART = 10.0
ONE_INVOCATION = 70.0  # seconds, until Lambda ends it


def judged_endpoint(run: WebhookRun, subscriber: Subscriber) -> Iterator[str]:
    """Yield what is wrong with the states of an endpoint over time."""
    endpoint_id = subscriber.endpoint_id
    standings = run.witness.standings[endpoint_id]
    noted = [
        change
        for row in run.delivery_rows()
        if row.endpoint_id == endpoint_id
        for change in run.witness.changes[row.key]
        if _is_outcome(change)
    ]
    noted.sort(key=lambda change: change.at)
    for standing in standings:
        if standing.state is EndpointState.DISABLED:
            yield from _rightly(run, endpoint_id, standing, noted)
    # A row that the table rejects stays as it is; the next refusal disables it.
    if not run.world.faults.counts[f"ledger.write: {REFUSED}"]:
        yield from _disabled_in_time(endpoint_id, standings, noted)
    row = run.endpoint(endpoint_id)
    outcomes = 0 if row is None else row.outcomes
    published = [
        event
        for event in run.rule.first.values()
        if event.detail_type == "EndpointDisabled"
        and event.model_dump(mode="json")["data"]["endpoint_id"] == endpoint_id
    ]
    yield from slept_on(run, subscriber)
    if len(published) != outcomes:
        yield f"W7 {endpoint_id}: disabled {outcomes} times, published {len(published)} times"


def _rightly(
    run: WebhookRun, endpoint_id: str, standing: Standing, noted: list[Change]
) -> Iterator[str]:
    requests = [one for one in run.witness.requests if one.endpoint_id == endpoint_id]
    if standing.reason == DisabledBecause.GONE:
        if not any(one.status == GONE and one.at <= standing.at for one in requests):
            yield f"W7 {endpoint_id}: disabled as gone, without a 410"
        return
    since = standing.at - FIVE_DAYS + CLOCKS_APART
    if any(since < one.at < standing.at - ONE_INVOCATION and _succeeds(one) for one in noted):
        yield f"W7 {endpoint_id}: disabled as failing, though it was well within five days"
    if not any(one.at <= since + 2 * CLOCKS_APART and one.over_at for one in requests):
        yield f"W7 {endpoint_id}: disabled as failing, without an attempt for five days"


def _disabled_in_time(
    endpoint_id: str, standings: list[Standing], noted: list[Change]
) -> Iterator[str]:
    """A stored outcome must have updated the endpoint's health."""
    failing_since: float | None = None
    for change in noted:
        row = change.row
        assert isinstance(row, Delivery)
        at = change.at
        begun = [one.at for one in standings if one.state is EndpointState.ACTIVE and one.at < at]
        if failing_since is not None and begun and begun[-1] > failing_since:
            failing_since = None
        if _succeeds(change):
            failing_since = None
            continue
        failing_since = at if failing_since is None else failing_since
        must = row.status == GONE or at - failing_since > FIVE_DAYS + ONE_INVOCATION
        closed = any(
            one.state in (EndpointState.DISABLED, EndpointState.REMOVED)
            and at - ONE_INVOCATION <= one.at <= at + ONE_INVOCATION
            for one in standings
        ) or _stands(standings, at) in (EndpointState.DISABLED, EndpointState.REMOVED)
        if must and not closed and _stands(standings, at) is EndpointState.ACTIVE:
            yield f"W7 {endpoint_id}: not disabled after {row.reason}"


def _stands(standings: list[Standing], at: float) -> EndpointState:
    return [one.state for one in standings if one.at <= at][-1]


def _is_outcome(change: Change) -> bool:
    """Whether the change stores the outcome of an attempt."""
    row, before = change.row, change.before
    return (
        isinstance(row, Delivery)
        and isinstance(before, Delivery)
        and change.by.name == "deliver"
        and row.claimed_until is None
        and row.attempt == (before.attempt if before.claimed_until is not None else 1)
        and (before.claimed_until is not None or before.is_untried)
        and (row.state is DeliveryState.DELIVERED or row.status is not None or bool(row.reason))
        and row.reason not in ("endpoint_removed", "endpoint_disabled", "interrupted")
    )


def _succeeds(change: Change) -> bool:
    return isinstance(change.row, Delivery) and change.row.state is DeliveryState.DELIVERED
