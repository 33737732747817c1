"""One tick runs at a time, and each account is throttled by itself."""

from datetime import timedelta

from couponbus.domain.polling.schedule import SCHEDULE_KEY, PollSchedule, Throttle
from couponbus.domain.provider import Provider
from tests import factories
from tests.fakes.clock import NOON

A_MINUTE = timedelta(minutes=1)


def throttle(account: str, *, provider: Provider = Provider.UNIQODO, level: int = 3) -> Throttle:
    return Throttle(provider=provider, account=account, level=level, since=NOON)


def test_there_is_one_schedule() -> None:
    assert PollSchedule(done_until=NOON).key == SCHEDULE_KEY
    assert factories.any_schedule().key == SCHEDULE_KEY


def test_a_tick_keeps_others_out_until_its_lease_is_over() -> None:
    schedule = PollSchedule(done_until=NOON)

    leased = schedule.leased(until=NOON + A_MINUTE)

    assert not schedule.is_held(NOON)
    assert leased.is_held(NOON)
    assert not leased.is_held(NOON + A_MINUTE)
    assert leased.done_until == NOON


def test_a_tick_that_is_done_lets_the_next_one_in() -> None:
    leased = PollSchedule(done_until=NOON).leased(until=NOON + 9 * A_MINUTE)

    done = leased.advanced(to=NOON + A_MINUTE, throttles=(throttle("one"),))

    assert done.done_until == NOON + A_MINUTE
    assert not done.is_held(NOON + A_MINUTE)
    assert done.throttles == (throttle("one"),)


def test_each_account_of_each_provider_is_held_back_by_itself() -> None:
    both = (throttle("one"), throttle("one", provider=Provider.KOUPON, level=9))

    schedule = PollSchedule(done_until=NOON, throttles=both)

    assert schedule.throttle(Provider.UNIQODO, "one") == both[0]
    assert schedule.throttle(Provider.KOUPON, "one") == both[1]
    assert schedule.throttle(Provider.KOUPON, "another") is None
