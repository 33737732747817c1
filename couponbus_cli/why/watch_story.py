"""The story of a watch: polls with news, what is known, and the next planned poll."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from couponbus.domain.polling.next_poll import next_poll, polls_so_far
from couponbus.domain.polling.poll_policy import Customers
from couponbus.domain.polling.snapshot import UNLISTED_MAX
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.row import Step
from couponbus.events.watches import WatchEnded
from couponbus_cli.app.formatting import count, moment, when
from couponbus_cli.watch.polling import Polling
from couponbus_cli.why.outlook import to_publish
from couponbus_cli.why.redemption_story import code_error
from couponbus_cli.why.timeline import Event, Story, as_it_is, steps_of

ENDS: Mapping[str, str] = {
    EndReason.EXPIRED: "The code had expired and its grace period was over: the watch ended.",
    EndReason.USED_UP: "The code could not be used any more: the watch ended.",
    EndReason.HORIZON: "The program watches no longer than this: the watch ended.",
    EndReason.CANCELLED: "It was cancelled: the customer is no longer polled.",
    EndReason.ERASED: "The customer was erased: no poll follows, and the name is deleted.",
}
STEPS: Mapping[str, str] = {
    "first poll": "The first poll was done: earlier redemptions are not published.",
    "first poll of a new customer": "The first poll was done: what it showed is published.",
    "news": "A poll showed news: {detail}.",
    "used up": "The code has no use left: it is polled once a day for corrections and refunds.",
    "usable again": "The code can be used again: it is polled as before.",
    "prolonged": "A later sign-up ({detail}) prolonged it.",
    "started again": "A later sign-up ({detail}) started it again.",
}
BLIND = timedelta(minutes=5)  # a first poll on time comes within a minute or two
UNSETTLED = "what the last poll showed is not settled yet, and is polled once more"


def story_of_watch(row: Watch, *, now: datetime, polling: Polling) -> Story:
    """Return the story of a watch, without the customer's name."""
    listed = row.list_filter.texts if row.list_filter else ()
    named = filter(None, (row.account, row.promotion and f"promotion {row.promotion}"))
    of = " ".join([*named, *listed])
    began = Event(at=row.started_at, text=f"The watch began, for the sign-up {row.signup_id}.")
    return Story(
        key=row.key,
        title=f"Watch {row.watch_id}: {row.state}; {row.provider} {of}, program {row.program}",
        state=row.state,
        timeline=[
            *([began] if row.round == 1 else []),  # later ones are steps of the trail
            *steps_of(row, _sentence, event=WatchEnded.detail_type),
        ],
        known=list(_known(row, now, polling)),
        next=next_of_watch(row, now=now, polling=polling),
    )


def next_of_watch(row: Watch, *, now: datetime, polling: Polling) -> str:
    """Return when it is polled next, or what an operator has to do."""
    if row.state is WatchState.ENDED:
        again = "nothing, unless a later sign-up starts it again."
        settled = again if row.may_restart else "nothing; it is over for good."
        return to_publish(row, now) or settled
    held = _held(row, polling)
    if held:
        return held
    if row.state is WatchState.STARTING:
        return f"the first poll, as soon as a worker has it{_at_the_latest(row, now)}."
    if not row.digest:
        return f"{UNSETTLED}{_at_the_latest(row, now)}."
    return f"{_planned(row, now, polling)}{_at_the_latest(row, now)}."


def _held(row: Watch, polling: Polling) -> str | None:
    named = f"--provider {row.provider} --account {row.account}"
    if polling.course(row) is None:
        return (
            f"nothing: the stage is not deployed with the account {row.account} of {row.provider}."
        )
    pause = polling.pause(row)
    if pause is None:
        return None
    if pause.reason is not None:
        return f"nothing: the account is paused ({pause.reason}); couponbus watch resume {named}"
    promotion = f"--promotion {row.promotion}"
    return f"nothing: its promotion is paused; couponbus watch resume {named} {promotion}"


def _planned(row: Watch, now: datetime, polling: Polling) -> str:
    course = polling.course(row)
    at = None if course is None else next_poll(row, after=now, course=course)
    if course is None or at is None:
        return "no more polls are planned before its last one"
    level = course.throttle.level
    held_back = f", throttled by level {level} to stay within the budget" if level else ""
    return f"its next poll is about {when(at, now)}{held_back}"


def _at_the_latest(row: Watch, now: datetime) -> str:
    """Return when the sweeper re-enqueues it, independently of the schedule."""
    if row.due_at is None:
        return ""
    if row.due_at <= now:
        return "; the sweeper hands it over within a minute or two"
    # A spent budget may put off a first poll again.
    made = "tried" if row.state is WatchState.STARTING else "polled"
    return f"; at the latest, it is {made} {when(row.due_at, now)}"


def _known(row: Watch, now: datetime, polling: Polling) -> Iterator[str]:
    course = polling.course(row)
    if course is not None and row.cohort_at is not None:
        number = polls_so_far(row, now=now, max_interval_seconds=course.max_interval_seconds)
        polls = count(number, "poll")
        since = "" if row.cohort_at == row.started_at else f" since {moment(row.cohort_at)}"
        yield f"About {polls} by the schedule{since}; polls without news are not stored."
    if row.state is not WatchState.STARTING or row.recorded:
        text = "news came last" if row.recorded else "nothing new since"
        news = "" if row.news_at is None else f"; {text} {when(row.news_at, now)}"
        yield f"Recorded: {count(row.recorded, 'redemption')}{news}."
    if row.provider is Provider.KOUPON and row.offers:
        there = [offer for offer in row.offers if offer.ended is None]
        yield f"Known: {count(len(there), 'offer')}, {len(row.offers) - len(there)} that ended."
    yield from _of_the_code(row)
    if row.first_poll_at is not None and row.first_poll_at - row.news_from > BLIND:
        yield f"It began blind: its first poll came at {moment(row.first_poll_at)}; {_blind(row)}."
    if row.state is WatchState.ACTIVE:
        ends = "" if row.expires_at is None else f"The code ends {when(row.expires_at, now)}. "
        used = "" if row.used_up_at is None else "The code has no use left (USED_UP_GRACE). "
        yield f"{used}{ends}It is watched until {when(row.last_poll_at, now)} at the longest."


def _blind(row: Watch) -> str:
    if row.customers is Customers.NEW:
        return "what it showed of this new customer came after the sign-up, and is published"
    aside = "" if not row.set_aside else f"; {count(row.set_aside, 'redemption')} may be of either"
    return (
        "redemptions since the sign-up are published only where the provider shows that they came"
        f" after it{aside}"
    )


def _of_the_code(row: Watch) -> Iterator[str]:
    is_polled = row.provider is Provider.UNIQODO and row.first_poll_at is not None
    if is_polled and row.offer_id is None and not row.uses:
        yield "Uniqodo has shown no code of this customer so far."
    if row.unlisted == UNLISTED_MAX:
        yield f"Uses of the code by others: {UNLISTED_MAX} or more; no reversal is seen."
    elif row.unlisted:
        seen = "a reversal is seen when the total falls with it"
        yield f"Uses of the code by others: {row.unlisted}; {seen}."
    if row.code_errors:
        errors = ", ".join(map(code_error, row.code_errors))
        yield f"The provider says that the code is not valid for use: {errors}."


def _sentence(step: Step) -> str:
    if step.what == "ended":
        return ENDS.get(step.detail, f"The watch ended ({step.detail}).")
    known = STEPS.get(step.what)
    return as_it_is(step) if known is None else known.format(detail=step.detail)
