"""The first word says whether all is well, and each kind of trouble has its own screen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus_cli.app.queues import LAST_STOPS
from couponbus_cli.page.last_known import Seen
from couponbus_cli.page.measures import number_at
from couponbus_cli.page.screen import Screen, Tone
from couponbus_cli.page.verdict import screen_of
from couponbus_cli.status.figures import Endpoints, Facts, Kept, Unread
from couponbus_cli.status.health import needs_of
from couponbus_cli.status.measured import POINTS, Level, Series, letters_in
from tests.fakes.clock import NOON
from tests.unit.cli.page.seeing import COMMANDS, DENIED, denied, in_trouble, rates, well

DOWN = "the local stage is not up: run `make up`"
EMPTY = replace(well(), rates=rates(times=0))


def screen(seen: Seen | None) -> Screen:
    return screen_of(seen, stage="local", now=NOON + timedelta(seconds=4), root=COMMANDS)


def read(facts: Facts, *, programs: int | None = 1) -> Seen:
    return Seen().newer(facts, programs=programs)


@pytest.mark.parametrize(
    ("seen", "tone", "word", "because"),
    [
        (read(well()), Tone.WELL, "All is well", ""),
        (read(in_trouble()), Tone.ALERT, "4 things need you", f"Rates not read: {DENIED}"),
        (read(replace(well(), needs=["x"])), Tone.ALERT, "1 thing needs you", ""),
        (read(EMPTY, programs=0), Tone.WELL, "All is well, and empty", "No program is in force"),
        (read(EMPTY, programs=None), Tone.WELL, "All is well", ""),
        (read(well(), programs=0), Tone.WELL, "All is well", ""),
        (
            read(replace(well(), alarms=Unread(why="access is denied"))),
            Tone.DOUBT,
            "Not all can be seen",
            "Alarms not read: access is denied",
        ),
        (read(denied()), Tone.ALERT, "The stage cannot be read", DENIED),
        (Seen().gone(DOWN), Tone.ALERT, "The stage cannot be read", DOWN),
        (read(well()).gone(DOWN), Tone.ALERT, "The stage cannot be read", DOWN),
        (None, Tone.DOUBT, "Being read", "under way"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_word(seen: Seen | None, tone: Tone, word: str, because: str) -> None:
    verdict = screen(seen).verdict

    assert (verdict.tone, verdict.word) == (tone, word)
    assert because in "\n".join(verdict.because)


def test_the_reason_for_everything_is_said_once() -> None:
    nothing = replace(
        denied(),
        **{name: Unread(why=DENIED) for name in denied().unread},  # type: ignore[arg-type]
    )

    assert screen(read(nothing)).verdict.because == [DENIED]


def test_an_empty_stage_says_how_to_begin() -> None:
    steps = screen(read(EMPTY, programs=0)).steps

    assert [command for step in steps for command in step.commands] == [
        "couponbus programs apply FILE --stage local",
        "couponbus endpoints add URL --stage local",
    ]


def test_a_stage_that_is_gone_shows_what_was_seen_with_its_age() -> None:
    shown = screen(read(in_trouble()).gone(DOWN))

    assert (shown.read_at, shown.age) == (NOON, timedelta(seconds=4))
    assert shown.tiles
    assert len(shown.needs) == 4


@pytest.mark.parametrize("facts", [well(), in_trouble(), EMPTY])
def test_each_number_has_its_place_in_the_answer_of_the_command(facts: Facts) -> None:
    tiles = screen(read(facts)).tiles
    measures = [each for tile in tiles for each in tile.measures]
    measures += [each for tile in tiles for line in tile.lines for each in line.measures]

    unread = {"rates"} if isinstance(facts.rates, Unread) else set()
    for each in measures:
        if each.fact != "waiting_since" and each.fact.partition(".")[0] not in unread:
            assert each.number == number_at(facts.data(), each.fact) is not None, each.fact


def test_a_number_that_is_not_all_says_so() -> None:
    facts = replace(in_trouble(), endpoints=replace(Endpoints(), more=True))

    shown = {each.label: each.hint for tile in screen(read(facts)).tiles for each in tile.measures}

    assert (shown["Endpoints"], shown["Matched no program"]) == ("or more", "or more")
    assert shown["Ambiguous"] == ""


def test_a_breaker_that_is_open_is_said_with_its_account() -> None:
    (tile,) = [each for each in screen(read(in_trouble())).tiles if each.name == "accounts"]
    coniq, uniqodo = tile.lines

    assert "breaker open until 12:01:00 (4th time), 8 failures" in coniq.word
    assert (coniq.tone, uniqodo.tone) == (Tone.ALERT, Tone.WELL)
    assert {each.label: each.shown for each in uniqodo.measures} == {
        "calls today": "9,990",
        "left": "10",
    }


def test_each_tile_has_three_hours_in_a_line_and_its_numbers_in_a_table() -> None:
    seen = replace(rates(), levels={**rates().levels, letters_in("quarantine"): [2.0] * POINTS})
    tiles = {each.name: each for each in screen(read(replace(well(), rates=seen))).tiles}

    drawn = {name: {*tile.histories} for name, tile in tiles.items()}
    assert drawn == {
        "sign-ups": {"Sign-ups", "Barcodes", "Refused"},
        "doubt": {"Unknown", "Ambiguous"},
        "backlog": {"Longest wait for a barcode", "Oldest row that is due"},
        "accounts": {"Issuing, held by breakers", "Polling, held by breakers"},
        "polling": {"Behind its plan", "Polls"},
        "redemptions": {"Redemptions"},
        "endpoints": {"Disabled", "Webhooks"},
        "letters": {*LAST_STOPS},
        "alarms": set(),
    }
    assert {name: {*tile.columns} | {*tile.flat} for name, tile in tiles.items()} == drawn
    assert {*tiles["letters"].columns} == {"quarantine"}
    assert {len([*tile.rows()]) for name, tile in tiles.items() if name != "alarms"} == {POINTS}


def test_the_numbers_in_a_table_are_those_of_the_command() -> None:
    points = [*[0.0] * (POINTS - 3), 1_036_800.0, 59.87, 0.0]
    facts = replace(
        well(), rates=replace(rates(), levels={**rates().levels, Level.POLL_LAG: points})
    )
    (tile,) = [each for each in screen(read(facts)).tiles if each.name == "polling"]

    shown = [row[0] for _, row in tile.rows()]
    assert shown[:3] == ["0", "60", "1,036,800"]
    assert tile.histories["Behind its plan"].words == (
        "three hours: 0 s at least, 1,036,800 s at most, 60 s last"
    )


def test_a_part_that_cannot_be_read_is_named_where_it_would_stand() -> None:
    sentence = f"Rates not read: {DENIED}"
    stale = {each.name for each in screen(read(in_trouble())).tiles if sentence in each.stale}

    assert stale == {each.name for each in screen(read(well())).tiles} - {"alarms"}


def test_one_that_was_read_before_is_shown_with_its_age() -> None:
    later = replace(in_trouble(), at=NOON + timedelta(seconds=15))
    seen = read(well()).newer(later, programs=1)

    (tile,) = [each for each in screen(seen).tiles if each.name == "redemptions"]

    assert tile.stale == [f"Rates as of 2026-06-01 12:00:00 UTC: {DENIED}"]
    assert tile.measures[0].number == well().rates.last_hour(Series.REDEMPTIONS)  # type: ignore[union-attr]


def test_what_needed_a_person_is_still_the_first_word_while_it_cannot_be_read() -> None:
    facts = replace(well(), unmatched=Kept(number=7))
    blind = replace(well(), unmatched=Unread(why=DENIED))
    shown = screen(read(replace(facts, needs=needs_of(facts))).newer(blind, programs=1))

    assert shown.verdict.word == "1 thing needs you"
    assert shown.verdict.because == [f"Unmatched as of 2026-06-01 12:00:00 UTC: {DENIED}"]
    assert [need.text[:9] for need in shown.needs] == ["7 sign-up"]


def test_where_nothing_was_ever_read_there_is_nothing_but_the_reason() -> None:
    assert not screen(read(denied())).tiles
    assert screen(read(well()).newer(denied(), programs=1)).tiles
