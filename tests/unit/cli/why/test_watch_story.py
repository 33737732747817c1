"""A watch is shown in plain sentences: its polls with news, and the next planned one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.polling.known import KnownOffer
from couponbus.domain.polling.next_poll import next_poll
from couponbus.domain.polling.poll_policy import Customers, ListFilter
from couponbus.domain.polling.schedule import PollSchedule, Throttle
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from couponbus.domain.row import Step
from couponbus_cli.watch.polling import Polling
from couponbus_cli.why.story import story
from tests.fakes.clock import NOON
from tests.unit.cli.stage import POLLED
from tests.unit.cli.watches import (
    DAY,
    HOUR,
    PROMOTION,
    USER,
    a_pause,
    a_starting_watch,
    an_active_watch,
)

ACCOUNTS = {(each.provider, each.name): each for each in POLLED}
FREE = Polling(accounts=ACCOUNTS)
SOON = NOON + timedelta(seconds=20)


def timeline_texts(row: Watch) -> list[str]:
    return [event.text for event in story(row, now=NOON, polling=FREE).timeline]


def known(row: Watch, polling: Polling = FREE) -> str:
    return " ".join(story(row, now=NOON, polling=polling).known)


def next_of(row: Watch, polling: Polling = FREE) -> str:
    return story(row, now=NOON, polling=polling).next


def ended(reason: EndReason) -> Watch:
    return an_active_watch().ended(reason=reason, now=NOON, publish_by=SOON)


def test_every_step_is_shown_in_order_and_without_the_user() -> None:
    row = an_active_watch()
    row = replace(row, trail=row.step(NOON, "news", "1 recorded, 0 reversed"))
    row = row.ended(reason=EndReason.USED_UP, now=NOON, publish_by=SOON).announced(now=NOON)

    found = story(row, now=NOON, polling=FREE)

    assert found.title == (
        f"Watch {row.watch_id}: ENDED; uniqodo main promotion {PROMOTION}, program watched"
    )
    assert timeline_texts(row) == [
        "The watch began, for the sign-up signup-1.",
        "The first poll was done: earlier redemptions are not published.",
        "A poll showed news: 1 recorded, 0 reversed.",
        "The code could not be used any more: the watch ended.",
        "WatchEnded was published on the bus.",
    ]
    assert USER not in "".join([*found.lines(), str(found.data())])


def test_a_watch_of_a_part_of_a_list_says_which() -> None:
    row = replace(
        an_active_watch(provider=Provider.KOUPON),
        list_filter=ListFilter(channel="web", publishedonly=True),
    )

    title = story(row, now=NOON, polling=FREE).title

    assert "koupon main channel=web publishedonly=yes, program" in title


def test_the_next_poll_is_that_of_the_plan() -> None:
    row = an_active_watch()
    course = FREE.course(row)
    assert course is not None
    run = next_poll(row, after=NOON, course=course)
    assert run is not None

    said = next_of(row)

    assert said.startswith(f"its next poll is about {run:%Y-%m-%d %H:%M}:00 UTC (in ")
    assert said.endswith("; at the latest, it is polled 2026-08-30 11:00:00 UTC (in 89 d).")


def test_a_throttle_postpones_the_next_poll_and_is_shown() -> None:
    row = replace(an_active_watch(), cohort_at=NOON - 20 * DAY)
    long_ago = NOON - 30 * DAY
    held = Throttle(provider=Provider.UNIQODO, account="main", level=12, since=long_ago)
    schedule = PollSchedule(done_until=NOON, throttles=(held,))

    said = next_of(row, Polling(accounts=ACCOUNTS, schedule=schedule))

    assert ", throttled by level 12 to stay within the budget;" in said
    assert "throttled" not in next_of(row)


def test_what_is_known_belongs_to_no_moment() -> None:
    fresh = an_active_watch()
    row = replace(fresh, recorded=2, expires_at=NOON + 3 * DAY)

    assert known(row) == (
        "About 11 polls by the schedule; polls without news are not stored."
        " Recorded: 2 redemptions; news came last 2026-06-01 11:01:00 UTC (59 min ago)."
        " The code ends 2026-06-04 12:00:00 UTC (in 3 d)."
        " It is watched until 2026-06-05 12:00:00 UTC (in 4 d) at the longest."
    )
    assert "since 2026-06-01 10:00:00 UTC" in known(replace(row, cohort_at=NOON - 2 * HOUR))
    assert "Recorded: 0 redemptions; nothing new since 2026-06-01 11:01:00 UTC" in known(fresh)
    assert known(a_starting_watch()) == ""


def test_why_a_code_is_not_valid_is_said() -> None:
    row = replace(an_active_watch(), code_errors=("204", "555"))

    assert "not valid for use: 204, Uniqodo knows no code of this customer, 555." in known(row)


def test_offers_of_a_consumer_are_counted() -> None:
    offer = KnownOffer(offer_id="1", count=0, limit=1, ends=None, baseline=0)
    offers = (offer, replace(offer, offer_id="2", ended="withdrawn"))
    row = replace(an_active_watch(provider=Provider.KOUPON), offers=offers)

    assert "Known: 1 offer, 1 that ended." in known(row)


def test_what_happens_next_is_shown_for_each_state() -> None:
    starting, active = a_starting_watch(), an_active_watch()
    overdue = replace(starting, due_at=NOON - HOUR)
    unsettled = replace(active, digest="", due_at=None)
    closing = replace(active, ends_at=NOON + timedelta(seconds=30))

    assert next_of(starting) == (
        "the first poll, as soon as a worker has it; at the latest, it is tried"
        " 2026-06-01 12:01:00 UTC (in 60 s)."
    )
    assert next_of(overdue).endswith("; the sweeper hands it over within a minute or two.")
    assert next_of(unsettled) == (
        "what the last poll showed is not settled yet, and is polled once more."
    )
    assert next_of(replace(closing, due_at=closing.last_poll_at)).startswith(
        "no more polls are planned before its last one; at the latest, it is polled"
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (EndReason.EXPIRED, "The code had expired and its grace period was over"),
        (EndReason.USED_UP, "The code could not be used any more"),
        (EndReason.HORIZON, "The program watches no longer than this"),
        (EndReason.CANCELLED, "It was cancelled: the customer is no longer polled."),
    ],
)
def test_why_it_ended_is_shown(reason: EndReason, said: str) -> None:
    row = ended(reason)

    assert timeline_texts(row)[-1].startswith(said)
    assert next_of(row) == (
        "the outcome is published on the bus, at the latest 2026-06-01 12:00:20 UTC (in 20 s)."
    )
    assert next_of(row.announced(now=NOON)) == "nothing, unless a later sign-up starts it again."


def test_an_erased_customer_is_never_watched_again() -> None:
    row = an_active_watch().erased(now=NOON, publish_by=SOON)

    assert timeline_texts(row)[-1].startswith("The customer was erased")
    assert next_of(row.announced(now=NOON)) == "nothing; it is over for good."


def test_a_later_sign_up_begins_another_round() -> None:
    over = ended(EndReason.EXPIRED).announced(now=NOON)
    again = over.restarted(by=a_starting_watch(signup_id="signup-2"), now=NOON)

    assert timeline_texts(again)[0].startswith("The first poll was done")
    assert "A later sign-up (signup-2) started it again." in timeline_texts(again)


def test_steps_and_reasons_of_a_newer_version_are_shown_as_they_are() -> None:
    trail = (Step(NOON, "slept", "twice"), Step(NOON, "ended", "bored"))

    assert timeline_texts(replace(an_active_watch(), trail=trail))[1:] == [
        "slept: twice",
        "The watch ended (bored).",
    ]


def test_a_watch_that_is_not_polled_says_what_to_do() -> None:
    row = an_active_watch()
    account = a_pause().of_all(reason="unauthorised", now=NOON)
    promotion = a_pause().of_promotion(PROMOTION, now=NOON)
    other = a_pause().of_promotion("f" * 32, now=NOON)
    key = (Provider.UNIQODO, "main")
    resume = "couponbus watch resume --provider uniqodo --account main"

    assert next_of(row, Polling(accounts=ACCOUNTS, pauses={key: account})) == (
        f"nothing: the account is paused (unauthorised); {resume}"
    )
    assert next_of(row, Polling(accounts=ACCOUNTS, pauses={key: promotion})) == (
        f"nothing: its promotion is paused; {resume} --promotion {PROMOTION}"
    )
    assert "its next poll" in next_of(row, Polling(accounts=ACCOUNTS, pauses={key: other}))
    assert next_of(row, Polling()) == (
        "nothing: the stage is not deployed with the account main of uniqodo."
    )
    assert known(row, Polling()).startswith("Recorded: 0 redemptions")


def test_a_used_up_code_says_for_how_long_refunds_are_seen() -> None:
    row = replace(an_active_watch(), used_up_at=NOON)

    assert "The code has no use left (USED_UP_GRACE)." in known(row, Polling())


@pytest.mark.parametrize(
    ("unlisted", "says"),
    [
        (0, ""),
        (2, "Uses of the code by others: 2; a reversal is seen when the total falls with it."),
        (20, "Uses of the code by others: 20 or more; no reversal is seen."),
    ],
)
def test_a_shared_code_says_what_is_seen_of_it(unlisted: int, says: str) -> None:
    lines = known(replace(an_active_watch(), unlisted=unlisted), Polling())

    assert says in lines
    assert ("by others" in lines) is bool(says)


@pytest.mark.parametrize(("minutes", "is_blind"), [(4, False), (180, True)])
def test_a_watch_whose_first_poll_came_late_says_so(minutes: int, is_blind: bool) -> None:
    row = an_active_watch()
    row = replace(row, first_poll_at=row.started_at + timedelta(minutes=minutes))

    assert ("It began blind" in known(row, Polling())) is is_blind


@pytest.mark.parametrize(
    ("customers", "set_aside", "said"),
    [
        (Customers.ANY, 2, "shows that they came after it; 2 redemptions may be of either."),
        (Customers.ANY, 0, "shows that they came after it."),
        (Customers.NEW, 0, "of this new customer came after the sign-up, and is published."),
    ],
)
def test_a_watch_that_began_blind_says_what_became_of_what_it_showed_first(
    customers: Customers, set_aside: int, said: str
) -> None:
    row = an_active_watch()
    first_poll_at = row.started_at + timedelta(hours=3)
    row = replace(row, first_poll_at=first_poll_at, customers=customers, set_aside=set_aside)

    assert said in known(row, Polling())
