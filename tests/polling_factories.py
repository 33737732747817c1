"""Factories of arbitrary polling values; `tests.factories` exports them all."""

from collections.abc import Iterator
from datetime import timedelta

from couponbus.domain import identity
from couponbus.domain.copying import replace
from couponbus.domain.polling.cohort import Cohort, CohortKind, hour_of
from couponbus.domain.polling.known import KnownOffer, KnownUse
from couponbus.domain.polling.notice import Notice, NoticeKind
from couponbus.domain.polling.pause import Pause, pause_id_of
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy, WatchRule
from couponbus.domain.polling.recorded_redemption import RecordedRedemption, Value
from couponbus.domain.polling.schedule import PollSchedule, Throttle
from couponbus.domain.polling.stock import LOW, Stock, stock_id_of
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_id_of
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.domain.provider import Provider
from couponbus.domain.row import Step
from tests.drawing import any_moment, any_word, draw

HOUR, DAY = 3600, 86_400


def any_poll_policy(*, seed: int | None = None) -> PollPolicy:
    source = draw(seed)
    return PollPolicy(
        share_permille=source.choice([50, 100, 200]),
        floor_seconds=source.choice([300, 600]),
        cap_seconds=source.choice([6, 12, 24]) * HOUR,
        horizon_seconds=source.randint(30, 300) * DAY,
    )


def any_group(*, seed: int | None = None) -> PollGroup:
    source = draw(seed)
    return PollGroup(
        provider=source.choice(list(Provider)),
        account=any_word(seed=source.randrange(9)),
        poll_policy=any_poll_policy(seed=source.randrange(99)),
    )


def any_cohort(*, seed: int | None = None) -> Cohort:
    source = draw(seed)
    return Cohort(
        kind=source.choice(list(CohortKind)),
        group=any_group(seed=source.randrange(9)),
        hour=hour_of(any_moment(seed=source.randrange(10**9))),
    )


def any_order(*, seed: int | None = None) -> WatchRule:
    source = draw(seed)
    group = any_group(seed=seed)
    return WatchRule(
        provider=group.provider,
        account=group.account,
        promotion=_any_promotion(group.provider, seed=seed),
        poll_policy=group.poll_policy,
        grace_seconds=source.choice([0, 1, 7]) * DAY,
        warn_days=source.choice([None, 3, 7]),
    )


def any_watch(*, seed: int | None = None) -> Watch:
    """Return one that waits for its first poll and is not stored yet."""
    source = draw(seed)
    order = any_order(seed=seed)
    tenant, user_id = any_word(seed=source.randrange(9)), f"user-{source.randrange(10**9)}"
    started_at = any_moment(seed=source.randrange(10**9))
    return Watch(
        watch_id=watch_id_of(
            provider=order.provider,
            account=order.account,
            promotion=order.promotion,
            user_ref=identity.customer_ref(
                pepper="test-pepper-not-real", tenant=tenant, customer=user_id
            ),
        ),
        tenant=tenant,
        provider=order.provider,
        account=order.account,
        promotion=order.promotion,
        user_id=user_id,
        customer_ref=identity.customer_ref(
            pepper="test-pepper-not-real", tenant=tenant, customer=user_id
        ),
        program=any_word(seed=source.randrange(9)),
        signup_id=f"signup-{source.randrange(10**9)}",
        poll_policy=order.poll_policy,
        grace_seconds=order.grace_seconds,
        warn_days=order.warn_days,
        started_at=started_at,
        ends_at=started_at + timedelta(seconds=order.poll_policy.horizon_seconds),
        due_at=started_at,
        trail=(Step(started_at, "started"),),
    )


def any_active_watch(*, seed: int | None = None) -> Watch:
    """Return one that was polled, has a snapshot, and is found by its cohorts."""
    source = draw(seed)
    watch = any_watch(seed=seed)
    looked_at = watch.started_at + timedelta(seconds=source.randrange(60))
    expires_at = source.choice([None, looked_at + timedelta(days=source.randrange(2, 29))])
    is_uniqodo = watch.provider is Provider.UNIQODO
    return replace(
        watch,
        state=WatchState.ACTIVE,
        cohort_at=watch.started_at,
        expires_at=expires_at,
        digest=identity.digest("snapshot", source.random().hex())[:12],
        offer_id=f"offer-{source.randrange(999)}" if is_uniqodo else None,
        uses=tuple(_any_uses(source.randrange(3), seed=seed)) if is_uniqodo else (),
        offers=() if is_uniqodo else tuple(_any_offers(source.randrange(1, 5), seed=seed)),
        news_at=looked_at,
        due_at=watch.ends_at,
        trail=watch.step(looked_at, "first poll"),
    )


def any_ended_watch(*, seed: int | None = None) -> Watch:
    """Return one whose end is not published yet."""
    watch = any_active_watch(seed=seed)
    now = watch.started_at + timedelta(days=draw(seed).randrange(1, 30))
    reason = draw(seed).choice([one for one in EndReason if one is not EndReason.ERASED])
    return watch.ended(reason=reason, now=now, publish_by=now + timedelta(seconds=60))


def any_value(*, seed: int | None = None) -> Value:
    source = draw(seed)
    redeemed_at = any_moment(seed=source.randrange(10**9))
    return Value(
        order_value=f"{source.randrange(10_000)}.{source.randrange(100):02d}",
        discount_value=source.choice([None, "5.00", "0.5"]),
        currency=source.choice([None, "GBP", "EUR"]),
        redeemed_raw=redeemed_at.strftime("%Y-%m-%d %H:%M:%S"),
        redeemed_at=redeemed_at.replace(microsecond=0),
        tz_assumed=source.choice([True, False]),
    )


def any_recorded_redemption(*, seed: int | None = None) -> RecordedRedemption:
    """Return one that is not published yet."""
    source = draw(seed)
    watch = any_active_watch(seed=seed)
    is_uniqodo = watch.provider is Provider.UNIQODO
    seen_at = watch.started_at + timedelta(seconds=source.randrange(HOUR, 20 * DAY))
    row = RecordedRedemption(
        redemption_id=identity.digest("redemption", source.random().hex()),
        tenant=watch.tenant,
        provider=watch.provider,
        account=watch.account,
        watch_id=watch.watch_id,
        program=watch.program,
        signup_id=watch.signup_id,
        customer_ref=watch.customer_ref,
        promotion=watch.promotion,
        offer_id=f"offer-{source.randrange(999)}",
        merchant_id=source.choice([None, "merchant-7"]),
        native_id=str(source.randrange(10**6)) if is_uniqodo else None,
        ordinal=None if is_uniqodo else source.randint(1, 9),
        code_masked="••••1234" if is_uniqodo else None,
        identity=identity.digest("identity", source.random().hex())[:12] if is_uniqodo else "",
        content=identity.digest("content", source.random().hex())[:12] if is_uniqodo else "",
        value=any_value(seed=seed) if is_uniqodo else Value(),
        seen_after=watch.news_at,
        seen_at=seen_at,
        inferred=source.choice([True, False]),
    )
    return row.recorded(now=seen_at, publish_by=seen_at + timedelta(seconds=60))


def any_notice(*, seed: int | None = None, kind: NoticeKind | None = None) -> Notice:
    """Return one of a watch, or of an account's budget, that is not published yet."""
    source = draw(seed)
    watch = any_active_watch(seed=seed)
    noticed_at = watch.started_at + timedelta(seconds=source.randrange(20 * DAY))
    notice = Notice(
        notice_id=identity.digest("notice", source.random().hex()),
        kind=kind or source.choice(list(NoticeKind)),
        tenant=watch.tenant,
        provider=watch.provider,
        account=watch.account,
        noticed_at=noticed_at,
    )
    if notice.kind is NoticeKind.BUDGET_EXCEEDED:
        notice = replace(notice, calls_allowed=10_000, calls_due=12_345, rest_kept=False)
    else:
        notice = replace(
            notice,
            watch_id=watch.watch_id,
            program=watch.program,
            signup_id=watch.signup_id,
            customer_ref=watch.customer_ref,
            promotion=watch.promotion,
            offer_id=f"offer-{source.randrange(999)}",
            ends_at=noticed_at + timedelta(days=3),
        )
    if notice.kind is NoticeKind.FIRST_POLL_LATE:
        notice = replace(
            notice, offer_id=None, ends_at=None, started_at=watch.started_at, set_aside=2
        )
    return notice.to_publish(by=noticed_at + timedelta(seconds=60))


def any_stock(*, seed: int | None = None) -> Stock:
    """Return one that is low, which is not published yet."""
    source = draw(seed)
    group, offer_id = any_group(seed=seed), f"offer-{source.randrange(10**9)}"
    now = any_moment(seed=source.randrange(10**9))
    stock = Stock(
        stock_id=stock_id_of(
            tenant="default", provider=group.provider, account=group.account, offer_id=offer_id
        ),
        tenant="default",
        provider=group.provider,
        account=group.account,
        offer_id=offer_id,
        left=10**6,
        seen_at=now,
    )
    return stock.crossed(source.randint(0, LOW), now=now, publish_by=now + timedelta(seconds=60))


def any_pause(*, seed: int | None = None) -> Pause:
    """Return one of some promotions, or of a whole account."""
    source = draw(seed)
    provider, account = source.choice(list(Provider)), any_word(seed=seed)
    now = any_moment(seed=source.randrange(10**9))
    pause = Pause(pause_id=pause_id_of(provider, account))
    if source.choice([True, False]):
        return pause.of_all(reason="unauthorised", now=now)
    for number in range(source.randint(1, 3)):
        pause = pause.of_promotion(f"promotion-{number}", now=now)
    return pause


def any_schedule(*, seed: int | None = None) -> PollSchedule:
    source = draw(seed)
    now = any_moment(seed=source.randrange(10**9))
    throttles = tuple(
        Throttle(
            provider=source.choice(list(Provider)),
            account=f"account-{number}",
            level=source.randrange(40),
            since=now - timedelta(minutes=source.randrange(999)),
            past=(source.randrange(40), 1_700_000_000_000) * source.randrange(3),
        )
        for number in range(source.randrange(4))
    )
    return PollSchedule(
        done_until=now, lease_until=now + timedelta(seconds=50), throttles=throttles
    )


def _any_promotion(provider: Provider, *, seed: int | None) -> str | None:
    if provider is Provider.KOUPON:
        return None
    return f"promotion-{draw(seed).randrange(9)}"


def _any_uses(count: int, *, seed: int | None) -> Iterator[KnownUse]:
    source = draw(seed)
    for _ in range(count):
        yield KnownUse(
            identity.digest("use", source.random().hex())[:12],
            identity.digest("content", source.random().hex())[:12],
            missing=source.choice([True, False]),
        )


def _any_offers(count: int, *, seed: int | None) -> Iterator[KnownOffer]:
    source = draw(seed)
    for number in range(count):
        made = source.randrange(4)
        yield KnownOffer(
            offer_id=f"offer-{number}",
            count=made,
            limit=source.choice([None, 1, 5]),
            ends=source.choice([None, any_moment(seed=source.randrange(10**9))]),
            baseline=0,
            active=tuple(range(1, made + 1)),
            last_ordinal=made,
            lower_count=source.choice([None, 0]),
            missing=source.choice([True, False]),
            warned=source.choice([True, False]),
            ended=source.choice([None, "withdrawn"]),
        )
