"""A watch moves along its states, is written by one at a time, and forgets for good."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.polling.cohort import CohortKind, hour_of
from couponbus.domain.polling.known import KnownOffer, KnownUse
from couponbus.domain.polling.snapshot import UNCLEAR
from couponbus.domain.polling.watch import POLL_AGAIN, Watch
from couponbus.domain.polling.watch_identity import watch_id_of, watch_key
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import a_watch

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOON = NOON + MINUTE
STARTING = a_watch(Provider.UNIQODO)
ACTIVE = replace(
    STARTING,
    state=WatchState.ACTIVE,
    cohort_at=NOON,
    expires_at=NOON + 10 * DAY,
    digest="ABC",
    uses=(KnownUse("U", "C"),),
    recorded=1,
    warn_days=3,
)
OFFER = KnownOffer(offer_id="1", count=0, limit=1, ends=NOON + 6 * DAY, baseline=0)
CONSUMER = replace(ACTIVE, provider=Provider.KOUPON, promotion=None, offers=(OFFER,), uses=())
ENDED = ACTIVE.ended(reason=EndReason.EXPIRED, now=NOON, publish_by=SOON)
PUBLISHED = ENDED.announced(now=SOON)
ERASED = ACTIVE.erased(now=NOON, publish_by=SOON).announced(now=SOON)
ROWS = {
    "starting": STARTING,
    "active": ACTIVE,
    "ended": ENDED,
    "published": PUBLISHED,
    "erased": ERASED,
    "erased after its end": PUBLISHED.erased(now=NOON, publish_by=SOON),
    "erased before its end was published": ENDED.erased(now=NOON, publish_by=SOON).announced(
        now=SOON
    ),
}
STEPS: dict[str, Callable[[Watch], Watch]] = {
    "put off": lambda one: one.put_off(until=SOON),
    "owed": lambda one: one.owed(by=SOON),
    "ended": lambda one: one.ended(reason=EndReason.CANCELLED, now=NOON, publish_by=SOON),
    "restarted": lambda one: one.restarted(by=STARTING, now=NOON),
    "erased": lambda one: one.erased(now=NOON, publish_by=SOON),
}
ALIVE = {"put off", "owed", "ended", "erased"}
LEGAL = {
    "starting": ALIVE,
    "active": ALIVE,
    "ended": {"erased"},
    "published": {"restarted", "erased"},
    "erased": {"erased"},
    "erased after its end": {"erased"},
    "erased before its end was published": {"erased"},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("row", ROWS)
def test_only_the_steps_of_the_state_machine_are_possible(row: str, step: str) -> None:
    if step in LEGAL[row]:
        assert STEPS[step](ROWS[row]).key == ROWS[row].key
        return
    with pytest.raises(TransitionRefused, match="WATCH#"):
        STEPS[step](ROWS[row])


def test_what_is_owed_a_poll_is_due_by_then_or_before() -> None:
    later, sooner = ACTIVE.put_off(until=SOON + HOUR), ACTIVE.put_off(until=NOON)

    assert later.owed(by=SOON).due_at == SOON
    assert sooner.owed(by=SOON) is sooner


def test_an_end_is_published_and_then_nothing_is_due() -> None:
    ended = ACTIVE.ended(reason=EndReason.USED_UP, now=NOON, publish_by=SOON)

    assert (ended.state, ended.reason, ended.ended_at) == (WatchState.ENDED, "used_up", NOON)
    assert (ended.unpublished, ended.due_at) == (True, SOON)
    assert ended.announced(now=SOON).due_at is None


@pytest.mark.parametrize("row", ["starting", "active", "ended", "published"])
def test_an_erased_customer_is_forgotten(row: str) -> None:
    erased = ROWS[row].erased(now=NOON, publish_by=SOON)

    assert erased.state is WatchState.ENDED
    assert (erased.user_id, erased.uses, erased.offers, erased.digest) == (None, (), (), "")
    assert not erased.may_restart
    assert not erased.announced(now=SOON).may_restart
    assert erased.trail[-1].what in ("ended", "erased")


def test_an_end_that_is_not_published_yet_is_published_with_its_own_reason() -> None:
    assert ENDED.erased(now=NOON, publish_by=SOON).reason == "expired"
    assert PUBLISHED.erased(now=NOON, publish_by=SOON).reason == "customer_erased"
    assert ACTIVE.erased(now=NOON, publish_by=SOON).reason == "customer_erased"


def test_a_restarted_watch_goes_on_with_what_must_not_come_twice() -> None:
    later = replace(STARTING, signup_id="another", started_at=NOON + DAY, ends_at=NOON + 9 * DAY)
    before = replace(PUBLISHED, revision=7, write_id="w")

    again = before.restarted(by=later, now=NOON + DAY)

    assert (again.state, again.signup_id, again.ends_at) == (
        WatchState.STARTING,
        "another",
        NOON + 9 * DAY,
    )
    assert (again.revision, again.write_id, again.round) == (7, "w", 2)
    assert (again.outcomes, again.published, again.recorded) == (1, 1, 1)
    assert again.uses == ACTIVE.uses
    assert (again.digest, again.expires_at, again.reason) == ("", None, None)
    ended_again = again.ended(reason=EndReason.CANCELLED, now=NOON, publish_by=SOON)
    assert (ended_again.outcomes, ended_again.unpublished) == (2, True)


def test_only_an_active_watch_is_found_by_its_cohorts() -> None:
    age, end = ACTIVE.age_cohort, ACTIVE.end_cohort

    assert age is not None
    assert end is not None
    assert (age.kind, age.hour, age.group) == (CohortKind.AGE, hour_of(NOON), ACTIVE.group)
    assert (end.kind, end.hour) == (CohortKind.END, hour_of(NOON + 10 * DAY))
    assert replace(ACTIVE, expires_at=None).end_cohort is None
    for other in (STARTING, ENDED, ERASED):
        assert other.age_cohort is other.end_cohort is None


def test_the_last_poll_is_after_the_grace_or_at_the_horizon() -> None:
    assert ACTIVE.last_poll_at == NOON + 11 * DAY
    assert replace(ACTIVE, expires_at=NOON + 89.5 * DAY).last_poll_at == ACTIVE.ends_at
    assert replace(ACTIVE, expires_at=None).last_poll_at == ACTIVE.ends_at
    assert CONSUMER.last_poll_at == CONSUMER.ends_at


@pytest.mark.parametrize(
    ("watch", "at", "is_owed"),
    [
        (STARTING, NOON, True),
        (ACTIVE, NOON, False),
        (replace(ACTIVE, digest=UNCLEAR), NOON, False),
        (replace(ACTIVE, digest=""), NOON, True),
        (ACTIVE, NOON + 7 * DAY - MINUTE, False),
        (ACTIVE, NOON + 7 * DAY, True),
        (replace(ACTIVE, warned=True), NOON + 11 * DAY - MINUTE, False),
        (replace(ACTIVE, warned=True), NOON + 11 * DAY, True),
        (ENDED, NOON + 99 * DAY, False),
    ],
)
def test_a_poll_is_owed_at_first_at_the_times_and_while_something_is_left_to_do(
    watch: Watch, at: datetime, is_owed: bool
) -> None:
    assert watch.must_store_poll(at) == is_owed


def test_an_end_is_announced_some_days_before_if_that_is_wanted() -> None:
    gone = replace(CONSUMER, offers=(dataclasses.replace(OFFER, ended="withdrawn"),))

    assert ACTIVE.warnings() == [NOON + 7 * DAY]
    assert CONSUMER.warnings() == [NOON + 3 * DAY]
    for silent in (
        replace(ACTIVE, warn_days=None),
        replace(ACTIVE, warned=True),
        replace(ACTIVE, expires_at=None),
        replace(CONSUMER, warn_days=None),
        gone,
    ):
        assert silent.warnings() == []


def test_it_is_due_when_it_must_be_polled_but_never_at_once() -> None:
    assert ACTIVE.next_due(now=NOON) == NOON + 7 * DAY
    assert replace(ACTIVE, warned=True).next_due(now=NOON) == NOON + 11 * DAY
    for at in (NOON + 7 * DAY - MINUTE, NOON + 7 * DAY, NOON + 50 * DAY):
        assert ACTIVE.next_due(now=at) == at + POLL_AGAIN


def test_what_is_not_settled_is_polled_soon_and_after_the_end_ever_more_seldom() -> None:
    pending = replace(ACTIVE, digest="")

    assert pending.next_due(now=NOON) == NOON + POLL_AGAIN
    over = pending.last_poll_at
    assert pending.next_due(now=over) == over + POLL_AGAIN
    assert pending.next_due(now=over + 8 * HOUR) == over + 10 * HOUR


def test_the_same_watch_has_the_same_id() -> None:
    ids = {
        watch_id_of(provider=provider, account=account, promotion=promotion, user_ref=user)
        for provider in Provider
        for account in ("brand", "another")
        for promotion in (None, "summer")
        for user in ("cus_ONE", "cus_OTHER")
    }

    assert len(ids) == 16
    assert ACTIVE.key == watch_key(ACTIVE.watch_id) == f"WATCH#{ACTIVE.watch_id}"


def test_the_id_of_a_watch_never_changes() -> None:
    ids = {
        provider: watch_id_of(
            provider=provider, account="main", promotion=promotion, user_ref="cus_ONE"
        )
        for provider, promotion in ((Provider.UNIQODO, "a0" * 16), (Provider.KOUPON, None))
    }

    assert ids == {
        Provider.UNIQODO: "6LZQ6BI4BPIAA74WCE4YXLNE56",
        Provider.KOUPON: "ZPDXBS52MDCGTNKG77TXNLKY3H",
    }


def test_a_watch_does_not_say_whose_it_is() -> None:
    assert ACTIVE.user_id is not None
    assert ACTIVE.user_id not in repr(ACTIVE)
