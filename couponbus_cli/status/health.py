"""Which figures of a stage need an operator, and what the operator should do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from couponbus.domain.issuing.issuance import issuance_key
from couponbus.domain.issuing.restore import Restore
from couponbus.domain.polling.compare import FIRST_POLL_LATE
from couponbus_cli.app.formatting import count, duration, moment, when
from couponbus_cli.app.queues import Depth
from couponbus_cli.app.triggers import Trigger
from couponbus_cli.endpoints.webhook_health import unreachable
from couponbus_cli.status import last_stops
from couponbus_cli.status.account_figures import AccountFigures
from couponbus_cli.status.audit_figures import behind
from couponbus_cli.status.figures import Ambiguous, Endpoints, Facts, Kept, Part, Unread, Waiting
from couponbus_cli.status.issuing_figures import (
    HEALTH_TEXTS,
    AccountPace,
    breaker_text,
    only_asks_to_wait,
)
from couponbus_cli.status.log_command import log_command
from couponbus_cli.status.measured import Level, Rates, Series
from couponbus_cli.watch import poll_figures
from couponbus_cli.watch.pauses import Subject

REPORT_AFTER = timedelta(minutes=5)
REPORT_WAIT_AFTER = timedelta(minutes=15)
REPORT_FAILING_AFTER = timedelta(minutes=2)  # the sweeper had them tried again meanwhile
SCHEDULE_PATIENCE = timedelta(minutes=15)
NAMED = 10
ISSUANCE = issuance_key("")


def needs_of(facts: Facts) -> list[str]:
    """Return a sentence for each problem that needs an operator; none of what is unread."""
    now = facts.at
    return [
        *_of(facts.ambiguous, _ambiguous),
        *_of(facts.accounts, lambda accounts: _accounts(accounts, now)),
        *_of(facts.waiting, lambda waiting: _waiting(waiting, now)),
        *_of(facts.rates, _unwanted),
        *_of(facts.unmatched, _unmatched),
        *_overdue(facts),
        *_of(facts.queues, _stopped),
        *_of(facts.workers, _switched_off),
        *_of(facts.strangers, _strangers),
        *_late(facts),
        *_of(facts.endpoints, lambda endpoints: unreachable(endpoints.readable, now)),
        *_of(facts.endpoints, _unreadable),
        *_of(facts.restore, _restored),
        *_of(facts.audit, lambda figures: behind(figures, now=now, stage=facts.stage)),
        *_of(
            facts.alarms,
            lambda alarms: (one.need(now, stage=facts.stage) for one in alarms.ringing),
        ),
    ]


def _of[Value](part: Part[Value], needs: Callable[[Value], Iterable[str]]) -> Iterable[str]:
    return () if isinstance(part, Unread) else needs(part)


def _ambiguous(found: Ambiguous) -> Iterator[str]:
    if found.ids:
        issuances = "issuance is" if len(found.ids) == 1 else "issuances are"
        yield (
            f"{found.shown} {issuances} ambiguous: inspect with couponbus why ID, settle with"
            f" couponbus resolve ID --choose LAST4 --reason TEXT, or couponbus"
            f" resolve ID --reissue --reason TEXT: {_named(found.ids)}"
        )


def _accounts(accounts: Sequence[AccountFigures], now: datetime) -> Iterator[str]:
    for one in accounts:
        if one.polled is None:
            yield from AccountPace(name=one.name, pace=one.pace).needs(now)
            continue
        yield from _unreachable(one, now)
        yield from only_asks_to_wait(one.provider, one.name, one.pace, now=now, waits="polls")
        yield from _paused(one.polled)
        yield from _all_spent(one.polled)
        if one.polled.load.is_too_much:
            yield one.polled.load.need
        yield from _ignored_callbacks(one.polled, now)


def _unreachable(one: AccountFigures, now: datetime) -> Iterator[str]:
    breaker = one.pace.gets
    since = datetime.fromtimestamp(breaker.failing_since, tz=UTC)
    if breaker.is_open and now - since >= REPORT_AFTER:
        yield (
            f"{one.title} fails since {when(since, now)}: {HEALTH_TEXTS[breaker.health]};"
            f" {breaker_text(breaker)}. Redemptions are published when it answers again; find the"
            f" cause with couponbus probe {one.provider}"
        )


def _waiting(waiting: Waiting, now: datetime) -> Iterator[str]:
    late = {id_: at for id_, at in waiting.since.items() if now - at > REPORT_WAIT_AFTER}
    if late:
        barcodes = count(len(late), "barcode is", "barcodes are")
        longest = min(late, key=lambda id_: late[id_])
        yield (
            f"{barcodes} undecided for more than {duration(REPORT_WAIT_AFTER)}, of those looked at,"
            f" the first since {when(late[longest], now)}: couponbus why {longest}"
        )
    if waiting.broken:
        rows = count(len(waiting.broken), "row")
        yield (
            f"{rows} cannot be read by this version, and what they wait for is not done: deploy the"
            f" one that wrote them: {_named(waiting.broken)}"
        )
    yield from _unproven(waiting.unproven, now)
    yield from _late_first_polls(waiting.first_polls, now)
    yield from _failing(waiting.failing, now)


def _unwanted(rates: Rates) -> Iterator[str]:
    came = rates.recent(Series.SIGN_UPS)
    if came and not rates.recent(Series.MATCHED):
        yield (
            f"no program matched any of the last {count(came, 'sign-up')}: compare couponbus"
            " programs list with what producers send, then couponbus programs rematch --since 1h"
        )
    longest = rates.highest(Level.LONGEST_WAIT)
    if longest > REPORT_WAIT_AFTER.total_seconds():
        yield (
            f"a barcode was undecided for {duration(timedelta(seconds=longest))} when it was last"
            " tried: see the accounts above, and couponbus probe coniq"
        )


def _switched_off(workers: Sequence[Trigger]) -> Iterator[str]:
    for one in workers:
        if one.is_off:
            yield (
                f"{one.name} is switched off, so nothing of it is done: if no restore is under way,"
                f" {one.to_start}"
            )


def _strangers(accounts: Sequence[str]) -> Iterator[str]:
    if accounts:
        yield (
            f"programs name accounts that this stage is not deployed with: {_named(accounts)}; what"
            " they match waits: deploy the accounts, or correct the programs with couponbus"
            " programs apply"
        )


def _named(names: Iterable[str]) -> str:
    first = [*islice(names, NAMED + 1)]
    return ", ".join(first[:NAMED]) + (", ..." if len(first) > NAMED else "")


def _restored(restore: Restore | None) -> Iterator[str]:
    if restore is not None and restore.done_at is None:
        yield (
            f"the table was restored to {moment(restore.to)}: new sign-ups are looked up before"
            " they are sent; when the producers have sent the lost ones again, couponbus restore"
            " done"
        )


def _unproven(since: Mapping[str, datetime], now: datetime) -> Iterator[str]:
    if since:
        lookups = count(len(since), "row is", "rows are")
        yield (
            f"{lookups} looked up without a result, the first since"
            f" {when(min(since.values()), now)}: the answers prove nothing; see couponbus why:"
            f" {_named(since)}"
        )


def _failing(since: Mapping[str, datetime], now: datetime) -> Iterator[str]:
    late = {key: at for key, at in since.items() if now - at >= REPORT_FAILING_AFTER}
    if late:
        rows = count(len(late), "row waits", "rows wait")
        yield (
            f"{rows} for look-ups at Coniq that fail, the first since"
            f" {when(min(late.values()), now)}: see couponbus why: {_named(late)}"
        )


def _late_first_polls(since: Mapping[str, datetime], now: datetime) -> Iterator[str]:
    late = {id_: at for id_, at in since.items() if now - at > FIRST_POLL_LATE}
    if late:
        watches = count(len(late), "watch waits for its", "watches wait for their")
        longest = min(late, key=lambda id_: late[id_])
        yield (
            f"{watches} first poll for more than {duration(FIRST_POLL_LATE)}, of those looked at,"
            f" the first since {when(late[longest], now)}, and what is redeemed meanwhile may not"
            f" be published: couponbus why {longest}"
        )


def _unmatched(kept: Kept) -> Iterator[str]:
    if kept.number:
        matches = "sign-up matches" if kept.number == 1 else "sign-ups match"
        yield (
            f"{kept.shown} {matches} no program and will be deleted:"
            " fix the program, then couponbus programs rematch --since 7d"
        )


def _overdue(facts: Facts) -> Iterator[str]:
    oldest = facts.oldest_due
    if isinstance(oldest, Unread) or oldest is None:
        return
    if facts.at - oldest.due_at > REPORT_AFTER:
        late = duration(facts.at - oldest.due_at)
        # Rows that wait for a braked account stay due.
        is_kept = _any_braked(facts.accounts) and oldest.key.startswith(ISSUANCE)
        perhaps = "it may wait for a braked account, else " if is_kept else ""
        why = f"{perhaps}sweep_due does not run, or does not keep up"
        log = log_command("sweep_due", stage=facts.stage)
        yield f"{oldest.key} is overdue by {late}: {why}; see {log}"


def _stopped(depths: Sequence[Depth]) -> Iterator[str]:
    yield from filter(None, map(last_stops.need_of, depths))


def _any_braked(accounts: Part[Sequence[AccountFigures]]) -> bool:
    return not isinstance(accounts, Unread) and any(one.pace.brake.is_held for one in accounts)


def _late(facts: Facts) -> Iterator[str]:
    done, accounts = facts.planned_until, facts.accounts
    if isinstance(done, Unread) or isinstance(accounts, Unread):
        return
    polled = [one.polled for one in accounts if one.polled is not None]
    log = log_command("schedule_polls", stage=facts.stage)
    if done is None and any(_is_watched(one, facts.at) for one in polled):
        yield f"no poll of any watch was ever planned: schedule_polls does not run; see {log}"
    if done is not None and polled and facts.at - done > SCHEDULE_PATIENCE:
        late = duration(facts.at - done)
        yield (
            f"polls are planned until {late} ago only: schedule_polls does not run, or fails; the"
            f" missed polls are planned when it runs again; see {log}"
        )


def _all_spent(account: poll_figures.AccountFigures) -> Iterator[str]:
    kept, left = account.load.account.reserved, account.left
    if left is None or left > kept:
        return
    yield (
        f"{account.provider} {account.name} has made {account.spent:,} of the"
        f" {account.calls_per_day:,} calls of this day, and {kept:,} of them are kept for new"
        " sign-ups: the other polls wait until midnight (UTC); raise calls_per_day"
    )


def _unreadable(endpoints: Endpoints) -> Iterator[str]:
    if endpoints.broken:
        yield (
            f"{count(len(endpoints.broken), 'endpoint')} cannot be read by this version: deploy the"
            f" one that wrote it: {_named(endpoints.broken)}"
        )


def _is_watched(account: poll_figures.AccountFigures, now: datetime) -> bool:
    """Whether it has watches for so long that a tick must have planned their polls."""
    since = account.watched_since
    return since is not None and now - since > REPORT_AFTER


def _paused(account: poll_figures.AccountFigures) -> Iterator[str]:
    subject = Subject(provider=account.provider, account=account.name)
    if account.reason is not None:
        yield (
            f"{subject.name} is paused ({account.reason}): fix the cause, then couponbus watch"
            f" resume {subject.options}"
        )
    if account.promotions:
        promotions = count(len(account.promotions), "promotion is", "promotions are")
        yield (
            f"of {subject.name}, {promotions} paused: {_named(account.promotions)}; have"
            f" the programs name those that exist, then couponbus watch resume {subject.options}"
        )


def _ignored_callbacks(account: poll_figures.AccountFigures, now: datetime) -> Iterator[str]:
    if account.ignored is None:
        return
    numbers, last_at = account.ignored.numbers, account.ignored.last_at
    callbacks = count(sum(numbers.values()), "callback")
    most_first = sorted(numbers.items(), key=lambda each: -each[1])
    reasons = ", ".join(f"{why.replace('_', ' ')} {number}" for why, number in most_first)
    yield (
        f"{callbacks} of {account.provider} {account.name} named no watch since yesterday"
        f" ({reasons}), the last at {when(last_at, now)}: compare their parameters with"
        " functions/README.md#callbacks"
    )
