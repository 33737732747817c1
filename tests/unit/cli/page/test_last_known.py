"""A part that cannot be read stays as it was last seen, with its age and the reason."""

from dataclasses import replace
from datetime import timedelta

from couponbus_cli.page.last_known import Seen, Stale
from couponbus_cli.status.figures import Kept, Unread
from tests.fakes.clock import NOON
from tests.unit.cli.page.seeing import denied, well

LATER = NOON + timedelta(seconds=15)


def test_what_is_read_is_new() -> None:
    seen = Seen().newer(well(), programs=1)

    assert (seen.facts, dict(seen.stale), seen.is_dark) == (well(), {}, False)


def test_a_part_stays_as_it_was_for_as_long_as_it_cannot_be_read() -> None:
    known = replace(well(), unmatched=Kept(number=7))
    without = replace(well(), at=LATER, unmatched=Unread(why="AWS does not answer"))
    again = replace(without, at=LATER + timedelta(seconds=15))

    seen = Seen().newer(known, programs=1).newer(without, programs=1).newer(again, programs=1)

    assert seen.facts is not None
    assert (seen.facts.unmatched, seen.facts.at) == (Kept(number=7), again.at)
    assert seen.stale == {"unmatched": Stale(why="AWS does not answer", at=NOON)}


def test_what_can_be_read_again_is_not_stale_any_more() -> None:
    without = replace(well(), unmatched=Unread(why="AWS does not answer"))
    back = replace(well(), unmatched=Kept(number=8))

    seen = Seen().newer(without, programs=1).newer(back, programs=1)

    assert seen.facts is not None
    assert (seen.facts.unmatched, dict(seen.stale)) == (Kept(number=8), {})


def test_what_was_never_read_has_a_reason_and_no_age() -> None:
    seen = Seen().newer(denied(), programs=None).newer(denied(), programs=None)

    assert seen.is_dark
    assert {each.at for each in seen.stale.values()} == {None}
    assert seen.stale.keys() == denied().unread.keys()


def test_a_stage_that_is_gone_keeps_what_was_seen() -> None:
    seen = Seen().newer(well(), programs=1).gone("the local stage is not up")

    assert (seen.is_dark, seen.facts) == (True, well())
    assert not seen.newer(well(), programs=1).is_dark
