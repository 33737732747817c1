"""The behaviour of receivers over time, drawn: most are healthy, some fail for a while."""

from collections.abc import Callable, Sequence
from random import Random

from tests.simulation.polling.story import Story, story
from tests.simulation.webhooks.scenario import Mood

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
FAILING = (Mood.SILENT, Mood.BROKEN, Mood.BROKEN, Mood.BUSY, Mood.MOVED, Mood.ODD, Mood.DEAF)

type Drawn = Callable[[Random, float], Story[Mood]]


def _well(chance: Random, lasts: float) -> Story[Mood]:
    return story(Mood.WELL)


def _dead(chance: Random, lasts: float) -> Story[Mood]:
    return story(chance.choice((Mood.SILENT, Mood.SILENT, Mood.BROKEN, Mood.MOVED)))


def _outage(chance: Random, lasts: float) -> Story[Mood]:
    """Draw a receiver that fails for some minutes, some hours, or two days."""
    begins = chance.uniform(0.0, lasts)
    ends = begins + chance.choice((chance.uniform(MINUTE, HOUR), 9 * HOUR, 2 * DAY))
    return story(Mood.WELL, (begins, chance.choice(FAILING)), (ends, Mood.WELL))


def _flapping(chance: Random, lasts: float) -> Story[Mood]:
    at, facts = 0.0, []
    for number in range(chance.choice((6, 20))):
        at += chance.choice((chance.uniform(1.0, MINUTE), chance.uniform(MINUTE, 4 * HOUR)))
        facts.append((at, Mood.WELL if number % 2 else chance.choice((*FAILING, Mood.GONE))))
    return story(Mood.WELL, *facts)


def _busy(chance: Random, lasts: float) -> Story[Mood]:
    begins = chance.uniform(0.0, lasts / 2)
    return story(Mood.WELL, (begins, Mood.BUSY), (begins + chance.uniform(HOUR, DAY), Mood.WELL))


def _gone(chance: Random, lasts: float) -> Story[Mood]:
    return story(Mood.WELL, (chance.uniform(0.0, lasts), Mood.GONE))


def _back(chance: Random, lasts: float) -> Story[Mood]:
    """Draw a receiver that is gone for a while."""
    begins = chance.uniform(0.0, lasts)
    return story(Mood.WELL, (begins, Mood.GONE), (begins + chance.uniform(60.0, HOUR), Mood.WELL))


def _slow(chance: Random, lasts: float) -> Story[Mood]:
    return story(Mood.SLOW)


ALL: Sequence[Drawn] = (
    _well,
    _well,
    _well,
    _outage,
    _outage,
    _dead,
    _dead,
    _flapping,
    _busy,
    _gone,
    _back,
    _back,
    _slow,
)


def drawn_moods(chance: Random, *, lasts: float) -> Story[Mood]:
    """Return the behaviour of a receiver during a run."""
    return chance.choice(ALL)(chance, lasts)
