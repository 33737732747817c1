"""Is all well? The first words of the page, and what to do where there is nothing to see yet."""

from datetime import datetime, timedelta

from typer.core import TyperGroup

from couponbus_cli.app.formatting import count
from couponbus_cli.page.last_known import Seen
from couponbus_cli.page.needs import need_of
from couponbus_cli.page.screen import Screen, Tone, Verdict
from couponbus_cli.page.tiles import tiles_of
from couponbus_cli.status.figures import Facts
from couponbus_cli.status.measured import Rates

WELL = Verdict(tone=Tone.WELL, word="All is well")
READING = Verdict(
    tone=Tone.DOUBT, word="Being read", because=["The first reading of the stage is under way."]
)
EMPTY = Verdict(
    tone=Tone.WELL,
    word="All is well, and empty",
    because=["No program is in force, so no sign-up gets a barcode."],
)
FIRST_STEPS = (
    "Say who gets what, as in couponbus_cli/samples/programs.yaml: couponbus programs apply FILE",
    "Subscribe an endpoint to the events: couponbus endpoints add URL",
)


def screen_of(seen: Seen | None, *, stage: str, now: datetime, root: TyperGroup) -> Screen:
    """Return the first screen of what was seen, None while that is under way."""
    if seen is None:
        return Screen(stage=stage, verdict=READING)
    verdict = verdict_of(seen)
    facts = seen.facts
    if facts is None:
        return Screen(stage=stage, verdict=verdict)
    steps = FIRST_STEPS if verdict is EMPTY else ()
    return Screen(
        stage=stage,
        verdict=verdict,
        needs=[need_of(text, root=root, stage=stage) for text in seen.needs],
        tiles=tiles_of(seen),
        steps=[need_of(text, root=root, stage=stage) for text in steps],
        read_at=facts.at,
        age=max(now - facts.at, timedelta(0)),
    )


def verdict_of(seen: Seen) -> Verdict:
    """Return the word for a stage."""
    if seen.is_dark:
        because = [seen.down] if seen.down else _reasons(seen)
        return Verdict(tone=Tone.ALERT, word="The stage cannot be read", because=because)
    if needs := seen.needs:
        things = count(len(needs), "thing needs you", "things need you")
        return Verdict(tone=Tone.ALERT, word=things, because=seen.unread())
    if seen.stale:
        return Verdict(tone=Tone.DOUBT, word="Not all can be seen", because=seen.unread())
    if seen.programs == 0 and seen.facts is not None and _is_quiet(seen.facts):
        return EMPTY
    return WELL


def _reasons(seen: Seen) -> list[str]:
    return [*dict.fromkeys(each.why for each in seen.stale.values())]


def _is_quiet(facts: Facts) -> bool:
    return not isinstance(facts.rates, Rates) or not any(map(any, facts.rates.points.values()))
