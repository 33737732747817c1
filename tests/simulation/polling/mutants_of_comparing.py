"""Bugs about what a snapshot says, and about what is kept of it."""

from dataclasses import replace
from datetime import datetime

from couponbus.domain.polling import (
    compare,
    compare_koupon,
    compare_uniqodo,
    koupon_counts,
    snapshot,
)
from couponbus.domain.polling.comparison import Comparison
from couponbus.domain.polling.known import KnownOffer, KnownUse
from couponbus.domain.polling.poll_policy import Customers, WatchRule
from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.schedule import PollSchedule
from couponbus.domain.polling.snapshot import OfferSnapshot
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason, WatchState
from couponbus.usecases.polling import start_watches
from couponbus.usecases.polling.schedule_polls import SchedulePolls
from couponbus.usecases.polling.start_watches import Watched
from tests.simulation.mutant import Mutant, Patch

_appeared = compare_koupon._appeared
_end_reason = compare._end_reason
_absent = compare_uniqodo._absent
_code_errors = compare_uniqodo._code_errors
_compare_uses = compare_uniqodo.compare_uses
_fallen = koupon_counts.fallen
_leased = SchedulePolls._leased
BOUNDLESS = 10**6


def _all_news(comparison: Comparison, use: Redemption) -> bool:
    return True


def _counted_from_zero(comparison: Comparison, seen: OfferSnapshot) -> KnownOffer:
    return replace(_appeared(comparison, seen), count=0, baseline=0)


def _counted_as_old(comparison: Comparison, seen: OfferSnapshot) -> KnownOffer:
    known = _appeared(comparison, seen)
    if comparison.watch.state is not WatchState.STARTING:
        return known
    return replace(known, count=seen.count, baseline=seen.count or 0)


def _always_a_baseline(comparison: Comparison, seen: OfferSnapshot) -> KnownOffer:
    """Take all that a first poll counts for older, also of a new customer."""
    known = _appeared(comparison, seen)
    if comparison.watch.state is not WatchState.STARTING:
        return known
    if compare_koupon._began_since(comparison.watch, seen):
        return known
    return replace(known, count=seen.count, baseline=seen.count or 0)


def _as_the_program_says(who: Watched, rule: WatchRule) -> Customers:
    return rule.customers


def _silently(watch: Watch, comparison: Comparison) -> None:
    pass


def _ended_with_the_last_use(watch: Watch, comparison: Comparison) -> EndReason | None:
    if comparison.snapshot.is_used_up and watch.digest == comparison.snapshot.digest:
        return EndReason.USED_UP
    return _end_reason(watch, comparison)


def _gone_at_once(comparison: Comparison, known: KnownUse) -> KnownUse | None:
    return _absent(comparison, KnownUse(known.use, known.content, missing=True))


def _forgotten(comparison: Comparison) -> tuple[str, ...]:
    _code_errors(comparison)
    return ()


def _later_than_the_last(comparison: Comparison, use: Redemption) -> bool:
    watch = comparison.watch
    when = use.redeemed_at.at if use.redeemed_at else None
    since = watch.started_at if watch.state is WatchState.STARTING else watch.news_at
    return when is not None and since is not None and when > since


def _fallen_at_once(comparison: Comparison, known: KnownOffer, count: int) -> KnownOffer:
    return _fallen(comparison, replace(known, lower_count=count), count)


def _advanced_first(self: SchedulePolls, now: datetime, deadline: datetime) -> PollSchedule | None:
    schedule = _leased(self, now, deadline)
    if schedule is not None:
        self.store.write([schedule.advanced(to=now, throttles=schedule.throttles)])
    return schedule


def _not_after_the_last_use(comparison: Comparison) -> Watch:
    return comparison.watch if comparison.watch.used_up_at else _compare_uses(comparison)


def _complete_with_a_greater_total(comparison: Comparison) -> bool:
    snapshot = comparison.snapshot
    return snapshot.is_clear


def _complete_with_an_equal_total(comparison: Comparison) -> bool:
    snapshot = comparison.snapshot
    return snapshot.is_complete and not snapshot.is_doubtful


def _news_unless_first(comparison: Comparison, use: Redemption) -> bool:
    return comparison.watch.state is not WatchState.STARTING or compare_uniqodo._is_since(
        comparison.watch, use
    )


def _without_values(use: Redemption) -> str:
    return ""


def _restarts_always(self: Watch) -> bool:
    return self.state is WatchState.ENDED and not self.unpublished


UNBOUNDED = Mutant(
    name="what is known of a customer has no bound",
    shows=("P9",),
    patches=(Patch(compare_uniqodo, "KNOWN_MAX", BOUNDLESS),),
)
MUTANTS_OF_COMPARING = (
    Mutant(
        name="the first observation is counted",
        shows=("P2",),
        patches=(
            Patch(compare_uniqodo, "_is_news", _all_news),
            Patch(compare_koupon, "_appeared", _counted_from_zero),
        ),
    ),
    Mutant(
        name="all that the first poll counts is older than the watch",
        shows=("P1",),
        patches=(Patch(compare_koupon, "_appeared", _counted_as_old),),
    ),
    Mutant(
        name="the first poll is the baseline, also of a new customer",
        shows=("P1",),
        patches=(Patch(compare_koupon, "_appeared", _always_a_baseline),),
    ),
    Mutant(
        name="a customer of a command is new because the program says so",
        shows=("P1", "P2"),
        patches=(Patch(start_watches, "_customers", _as_the_program_says),),
    ),
    Mutant(
        name="a watch that began blind does not say so",
        shows=("P1",),
        patches=(Patch(compare, "_began_late", _silently),),
    ),
    Mutant(
        name="a watch ends with the last use of its code",
        shows=("P5",),
        patches=(Patch(compare, "_end_reason", _ended_with_the_last_use),),
    ),
    Mutant(
        name="a watch whose code has no use left goes on without looking",
        shows=("P1",),
        patches=(Patch(compare_uniqodo, "compare_uses", _not_after_the_last_use),),
    ),
    Mutant(
        name="what one answer lacks has vanished",
        shows=("P3",),
        patches=(Patch(compare_uniqodo, "_absent", _gone_at_once),),
    ),
    Mutant(
        name="a total that is not less than the list proves it",
        shows=("P3",),
        patches=(Patch(compare_uniqodo, "_shows_all", _complete_with_a_greater_total),),
    ),
    Mutant(
        name="the list of a code that others use too proves nothing",
        shows=("P1", "P5"),
        patches=(Patch(compare_uniqodo, "_shows_all", _complete_with_an_equal_total),),
    ),
    Mutant(
        name="what a first poll counted and did not list is news when it is listed",
        shows=("P2",),
        patches=(Patch(compare_uniqodo, "_is_news", _news_unless_first),),
    ),
    Mutant(
        name="a watermark: only what states a later time than the last is recorded",
        shows=("P1",),
        patches=(Patch(compare_uniqodo, "_is_news", _later_than_the_last),),
    ),
    Mutant(
        name="a lower count is believed at once",
        shows=("P3",),
        patches=(Patch(compare_koupon, "fallen", _fallen_at_once),),
    ),
    Mutant(
        name="the schedule is advanced before its commands are sent",
        shows=("P5",),
        patches=(Patch(SchedulePolls, "_leased", _advanced_first),),
    ),
    Mutant(
        name="the digest of a snapshot ignores values",
        shows=("P1",),
        patches=(Patch(snapshot, "content_of", _without_values),),
    ),
    Mutant(
        name="why a code is not valid is published at each poll",
        shows=("P2",),
        patches=(Patch(compare_uniqodo, "_code_errors", _forgotten),),
    ),
    Mutant(
        name="an erased customer is watched again after another sign-up",
        shows=("P7",),
        patches=(Patch(Watch, "may_restart", property(_restarts_always)),),
    ),
)
