"""What is paused is not polled until an operator resumes it."""

from datetime import timedelta

from couponbus.domain.polling.pause import PROMOTIONS_MAX, Pause, pause_id_of, pause_key
from couponbus.domain.provider import Provider
from tests.fakes.clock import NOON

LATER = NOON + timedelta(hours=1)
FREE = Pause(pause_id=pause_id_of(Provider.UNIQODO, "brand"))


def test_a_pause_is_found_by_provider_and_account() -> None:
    assert FREE.key == pause_key(Provider.UNIQODO, "brand") == "PAUSE#uniqodo#brand"
    assert pause_key(Provider.KOUPON, "brand") != FREE.key


def test_nothing_is_paused_before_something_is() -> None:
    assert not FREE.holds("summer")
    assert not FREE.holds(None)


def test_a_paused_account_holds_everything() -> None:
    paused = FREE.of_all(reason="unauthorised", now=NOON)

    assert paused.holds("summer")
    assert paused.holds(None)
    assert (paused.reason, paused.since) == ("unauthorised", NOON)


def test_a_paused_promotion_holds_itself_only() -> None:
    paused = FREE.of_promotion("summer", now=NOON)

    assert paused.holds("summer")
    assert not paused.holds("winter")
    assert not paused.holds(None)


def test_resuming_one_promotion_leaves_the_others() -> None:
    paused = FREE.of_promotion("summer", now=NOON).of_promotion("winter", now=NOON)

    resumed = paused.resumed("summer", now=LATER)

    assert resumed.promotions == ("winter",)


def test_resuming_one_promotion_does_not_resume_the_account() -> None:
    paused = FREE.of_promotion("summer", now=NOON).of_all(reason="unauthorised", now=NOON)

    assert paused.resumed("summer", now=LATER).holds("summer")


def test_resuming_all_resumes_all() -> None:
    paused = FREE.of_promotion("summer", now=NOON).of_all(reason="unauthorised", now=NOON)

    resumed = paused.resumed(None, now=LATER)

    assert not resumed.holds("summer")
    assert not resumed.holds(None)
    assert resumed.since is None


def test_of_too_many_promotions_those_paused_longest_ago_are_asked_about_again() -> None:
    paused = FREE
    for number in range(PROMOTIONS_MAX + 1):
        paused = paused.of_promotion(f"promotion-{number}", now=NOON)

    assert not paused.holds("promotion-0")
    assert paused.holds("promotion-1")
    again = paused.of_promotion("promotion-9", now=LATER)
    assert len(again.promotions) == PROMOTIONS_MAX
    assert again.promotions[-1] == "promotion-9"
    assert again.promotions.count("promotion-9") == 1


def test_each_step_is_remembered() -> None:
    paused = FREE.of_promotion("summer", now=NOON).of_all(reason="unauthorised", now=NOON)

    trail = paused.resumed("summer", now=LATER).resumed(None, now=LATER).trail

    assert [(step.what, step.detail) for step in trail] == [
        ("promotion paused", "summer"),
        ("account paused", "unauthorised"),
        ("resumed", "summer"),
        ("resumed", ""),
    ]
