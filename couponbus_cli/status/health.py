"""Which figures of a stage need an operator, and what the operator should do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.aws.ledger.report import Due
from couponbus.domain.issuing.issuance import issuance_key
from couponbus.domain.issuing.restore import Restore
from couponbus.domain.issuing.unmatched import UnmatchedState
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus_cli.app.formatting import count, duration, moment, when
from couponbus_cli.app.queues import Depth
from couponbus_cli.endpoints.webhook_health import unreachable
from couponbus_cli.status.audit_figures import AuditFigures, behind
from couponbus_cli.status.issuing_figures import AccountPace
from couponbus_cli.status.ledger_scan import Waiting
from couponbus_cli.watch.pauses import Subject
from couponbus_cli.watch.poll_figures import PollFigures

REPORT_AFTER = timedelta(minutes=5)
REPORT_FAILING_AFTER = timedelta(minutes=2)  # the sweeper had them tried again meanwhile
SCHEDULE_PATIENCE = timedelta(minutes=15)
NAMED = 10
ISSUANCE = issuance_key("")

STOPS: Mapping[str, str] = {
    "signups-dead": (
        "{messages} failed repeatedly: read the errors of issue_barcodes, fix the cause, then"
        " redrive the queue to signups"
    ),
    "polls-dead": (
        "{messages} failed repeatedly: read the errors of poll_redemptions, fix the cause, then"
        " redrive the queue to polls (polls that are late by then are skipped; watches to begin or"
        " to end are not)"
    ),
    "notifications-dead": (
        "{messages} failed repeatedly: read the errors of fan_out_webhooks, fix the cause, then"
        " redrive the queue to notifications; no delivery is created twice"
    ),
    "deliveries-dead": (
        "{messages} failed repeatedly: read the errors of deliver_webhooks; the deliveries are due"
        " in the ledger anyway, so purge the queue when the cause is fixed"
    ),
    "redeliveries-dead": (
        "{messages} failed repeatedly: read the errors of deliver_webhooks; the deliveries are due"
        " in the ledger anyway, so purge the queue when the cause is fixed"
    ),
    "quarantine": (
        "{messages} invalid and quarantined: each record says why and which sign-up it was; have"
        " the producer correct it, then purge the queue"
    ),
    "unidentified": (
        "{messages} without a readable sign-up id: have the sender corrected, or deploy a version"
        " that reads them, then couponbus redrive"
    ),
    "undelivered": (
        "{messages} could not be delivered from the bus to signups or notifications: fix the"
        " permission, then send them to that queue again"
    ),
    "unpublished": (
        "{messages} of the ledger's stream were given up: the sweeper publishes those outcomes,"
        " but read the errors of publish_events"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything that `couponbus status` shows."""

    counts: Mapping[str, Mapping[str, int]]
    oldest_due: Due | None
    waiting: Waiting
    depths: Sequence[Depth]
    polls: PollFigures
    issuing: Sequence[AccountPace] = ()
    endpoints: Sequence[Endpoint] = ()
    restore: Restore | None = None
    audit: AuditFigures


def attention(figures: Figures, *, now: datetime) -> list[str]:
    """Return a sentence for each problem that needs an operator."""
    return [
        *_ambiguous(figures.waiting.ambiguous),
        *(need for account in figures.issuing for need in account.needs(now)),
        *_unproven(figures.waiting, now),
        *_failing(figures.waiting, now),
        *_unmatched(figures.counts.get("UNMATCHED", {}).get(UnmatchedState.KEPT, 0)),
        *_overdue(figures, now),
        *_stopped(figures.depths),
        *_late(figures.polls, figures.counts.get("WATCH", {}), now),
        *_paused(figures.polls),
        *(one.load.need for one in figures.polls.accounts if one.load.is_too_much),
        *_ignored_callbacks(figures.polls, now),
        *unreachable(figures.endpoints, now),
        *_restored(figures.restore),
        *behind(figures.audit, now=now),
    ]


def _restored(restore: Restore | None) -> Iterator[str]:
    if restore is not None and restore.done_at is None:
        yield (
            f"the table was restored to {moment(restore.to)}: new sign-ups are looked up before"
            " they are sent; when the producers have sent the lost ones again, couponbus restore"
            " done"
        )


def _ambiguous(ids: Sequence[str]) -> Iterator[str]:
    if ids:
        named = ", ".join(ids[:NAMED]) + (", ..." if len(ids) > NAMED else "")
        issuances = count(len(ids), "issuance is", "issuances are")
        yield f"{issuances} ambiguous: inspect with `why`, settle with `resolve`: {named}"


def _unproven(waiting: Waiting, now: datetime) -> Iterator[str]:
    if waiting.unproven:
        since = min(waiting.unproven.values())
        lookups = count(len(waiting.unproven), "row is", "rows are")
        named = ", ".join([*waiting.unproven][:NAMED])
        more = ", ..." if len(waiting.unproven) > NAMED else ""
        yield (
            f"{lookups} looked up without a result, the first since {when(since, now)}: the answers"
            f" prove nothing; see `why`: {named}{more}"
        )


def _failing(waiting: Waiting, now: datetime) -> Iterator[str]:
    late = {key: at for key, at in waiting.failing.items() if now - at >= REPORT_FAILING_AFTER}
    if late:
        rows = count(len(late), "row waits", "rows wait")
        named = ", ".join([*late][:NAMED]) + (", ..." if len(late) > NAMED else "")
        yield (
            f"{rows} for look-ups at Coniq that fail, the first since"
            f" {when(min(late.values()), now)}: see `why`: {named}"
        )


def _unmatched(kept: int) -> Iterator[str]:
    if kept:
        yield (
            f"{count(kept, 'sign-up matches', 'sign-ups match')} no program and will be deleted:"
            " fix the program, then couponbus programs rematch --since 7d"
        )


def _overdue(figures: Figures, now: datetime) -> Iterator[str]:
    oldest = figures.oldest_due
    if oldest is not None and now - oldest.due_at > REPORT_AFTER:
        late = duration(now - oldest.due_at)
        # Rows that wait for a braked account stay due.
        is_kept = any(one.is_braked for one in figures.issuing) and oldest.key.startswith(ISSUANCE)
        perhaps = "it may wait for a braked account, else " if is_kept else ""
        why = f"{perhaps}sweep_due does not run, or does not keep up"
        yield f"{oldest.key} is overdue by {late}: {why}"


def _stopped(depths: Sequence[Depth]) -> Iterator[str]:
    for depth in depths:
        found = depth.visible + depth.in_flight
        if depth.queue in STOPS and found:
            text = STOPS[depth.queue].format(messages=count(found, "message"))
            yield f"{depth.queue}: {text}"


def _late(polls: PollFigures, watches: Mapping[str, int], now: datetime) -> Iterator[str]:
    done = polls.done_until
    if done is None and polls.accounts and watches.get("ACTIVE"):
        yield "no poll of any watch was ever planned: schedule_polls does not run"
    if done is not None and polls.accounts and now - done > SCHEDULE_PATIENCE:
        late = duration(now - done)
        yield (
            f"polls are planned until {late} ago only: schedule_polls does not run, or fails; the"
            " missed polls are planned when it runs again"
        )


def _paused(polls: PollFigures) -> Iterator[str]:
    for account in polls.accounts:
        subject = Subject(provider=account.provider, account=account.name)
        if account.reason is not None:
            yield (
                f"{subject.name} is paused ({account.reason}): fix the cause, then couponbus watch"
                f" resume {subject.options}"
            )
        if account.promotions:
            promotions = count(len(account.promotions), "promotion is", "promotions are")
            named = ", ".join(account.promotions[:NAMED])
            more = ", ..." if len(account.promotions) > NAMED else ""
            yield (
                f"of {subject.name}, {promotions} paused: {named}{more}; have the programs name"
                f" those that exist, then couponbus watch resume {subject.options}"
            )


def _ignored_callbacks(polls: PollFigures, now: datetime) -> Iterator[str]:
    for account in polls.accounts:
        if account.ignored is None:
            continue
        numbers, last_at = account.ignored.numbers, account.ignored.last_at
        callbacks = count(sum(numbers.values()), "callback")
        most_first = sorted(numbers.items(), key=lambda each: -each[1])
        reasons = ", ".join(f"{why.replace('_', ' ')} {number}" for why, number in most_first)
        yield (
            f"{callbacks} of {account.provider} {account.name} named no watch since yesterday"
            f" ({reasons}), the last at {when(last_at, now)}: compare their parameters with"
            " functions/README.md#callbacks"
        )
