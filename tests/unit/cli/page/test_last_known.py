"""A part that cannot be read stays as it was last seen, with its age and the reason."""

from dataclasses import replace
from datetime import timedelta

from couponbus_cli.page.last_known import Seen, Stale
from couponbus_cli.status.figures import Ambiguous, Facts, Kept, Unread
from couponbus_cli.status.health import needs_of
from tests.fakes.clock import NOON
from tests.unit.cli.page.seeing import denied, well

LATER = NOON + timedelta(seconds=15)


def judged(**parts: object) -> Facts:
    facts = replace(well(), **parts)  # type: ignore[arg-type]
    return replace(facts, needs=needs_of(facts))


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


def test_what_needed_a_person_is_said_until_its_part_can_be_read_again() -> None:
    known = judged(ambiguous=Ambiguous(ids=["A"]), unmatched=Kept(number=7))
    without = judged(ambiguous=Unread(why="AWS does not answer"), unmatched=Kept(number=8))
    settled = judged(unmatched=Unread(why="AWS does not answer"))

    at_first = Seen().newer(known, programs=1)
    later = at_first.newer(without, programs=1).newer(without, programs=1)
    at_last = later.newer(settled, programs=1)

    assert [need[:3] for need in at_first.needs] == ["1 i", "7 s"]
    assert [need[:3] for need in later.needs] == ["8 s", "1 i"]
    assert [need[:3] for need in at_last.needs] == ["8 s"]


def test_what_was_never_read_has_a_reason_and_no_age() -> None:
    seen = Seen().newer(denied(), programs=None).newer(denied(), programs=None)

    assert seen.is_dark
    assert {each.at for each in seen.stale.values()} == {None}
    assert seen.stale.keys() == denied().unread.keys()


def test_a_stage_that_is_gone_keeps_what_was_seen() -> None:
    seen = Seen().newer(well(), programs=1).gone("the local stage is not up")

    assert (seen.is_dark, seen.facts) == (True, well())
    assert not seen.newer(well(), programs=1).is_dark
