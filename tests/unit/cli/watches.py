"""Watches of the default tenant around noon, and their redemptions."""

from dataclasses import replace
from datetime import timedelta

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.pause import Pause, pause_id_of
from couponbus.domain.polling.poll_policy import PollPolicy, WatchRule
from couponbus.domain.polling.recorded_redemption import RecordedRedemption, Value
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_id_of
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.provider import Provider
from tests.factories import any_program, any_recorded_redemption, any_watch
from tests.fakes.clock import NOON

PROMOTION = "0123456789abcdef0123456789abcdef"
USER = "user-not-to-be-shown"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def a_rule(provider: Provider = Provider.UNIQODO) -> WatchRule:
    return WatchRule(
        provider=provider,
        account="main",
        promotion=PROMOTION if provider is Provider.UNIQODO else None,
        poll_policy=PollPolicy(),
        grace_seconds=86_400,
        warn_days=None,
    )


def a_watching_program(*rules: WatchRule) -> Program:
    """Return one that watches only."""
    return replace(
        any_program(),
        name="watched",
        account=None,
        offer_id=None,
        channel=None,
        watches=rules or (a_rule(),),
    )


def a_starting_watch(
    user_id: str = USER, *, provider: Provider = Provider.UNIQODO, signup_id: str = "signup-1"
) -> Watch:
    """Return one that began an hour ago, and is due for its first poll."""
    rule, began = a_rule(provider), NOON - HOUR
    identity = watch_id_of(
        provider=provider,
        account=rule.account,
        promotion=rule.promotion,
        user_ref=user_id,
    )
    return replace(
        any_watch(),
        watch_id=identity,
        tenant="default",
        provider=provider,
        account=rule.account,
        promotion=rule.promotion,
        user_id=user_id,
        program="watched",
        signup_id=signup_id,
        poll_policy=rule.poll_policy,
        grace_seconds=rule.grace_seconds,
        warn_days=None,
        started_at=began,
        ends_at=began + 90 * DAY,
        due_at=NOON + timedelta(minutes=1),
        trail=(),
    )


def an_active_watch(
    user_id: str = USER, *, provider: Provider = Provider.UNIQODO, signup_id: str = "signup-1"
) -> Watch:
    """Return one whose first poll was a minute after it began."""
    fresh = a_starting_watch(user_id, provider=provider, signup_id=signup_id)
    looked_at = fresh.started_at + timedelta(minutes=1)
    return replace(
        fresh,
        state=WatchState.ACTIVE,
        cohort_at=fresh.started_at,
        digest="ABCDEFGHIJKL",
        news_at=looked_at,
        due_at=fresh.last_poll_at,
        trail=fresh.step(looked_at, "first poll"),
    )


def a_redemption(watch: Watch) -> RecordedRedemption:
    """Return one that was found half an hour ago, not published yet."""
    row = replace(
        any_recorded_redemption(seed=1),
        tenant="default",
        provider=watch.provider,
        account=watch.account,
        watch_id=watch.watch_id,
        signup_id=watch.signup_id,
        offer_id="offer-7",
        native_id="9812",
        ordinal=None,
        code_masked="••••1234",
        value=Value(order_value="20.00", discount_value="5.00", currency="GBP"),
        seen_after=watch.news_at,
        seen_at=NOON - HOUR / 2,
        inferred=False,
        outcomes=0,
        trail=(),
    )
    return row.recorded(now=NOON - HOUR / 2, publish_by=NOON + timedelta(seconds=20))


def a_pause(provider: Provider = Provider.UNIQODO) -> Pause:
    """Return the empty pause of an account."""
    return Pause(pause_id=pause_id_of(provider, "main"))
