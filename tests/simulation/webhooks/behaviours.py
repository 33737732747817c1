"""The behaviour of receivers over time, drawn: most are healthy, some fail for a while."""

from collections.abc import Callable, Sequence
from random import Random

from tests.simulation.polling.story import Story, story
from tests.simulation.webhooks.scenario import Behaviour

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
FAILING = (
    Behaviour.SILENT,
    Behaviour.BROKEN,
    Behaviour.BROKEN,
    Behaviour.BUSY,
    Behaviour.MOVED,
    Behaviour.ODD,
    Behaviour.DEAF,
)

type Drawn = Callable[[Random, float], Story[Behaviour]]


def _well(chance: Random, lasts: float) -> Story[Behaviour]:
    return story(Behaviour.WELL)


def _dead(chance: Random, lasts: float) -> Story[Behaviour]:
    return story(
        chance.choice((Behaviour.SILENT, Behaviour.SILENT, Behaviour.BROKEN, Behaviour.MOVED))
    )


def _outage(chance: Random, lasts: float) -> Story[Behaviour]:
    """Draw a receiver that fails for some minutes, some hours, or two days."""
    begins = chance.uniform(0.0, lasts)
    ends = begins + chance.choice((chance.uniform(MINUTE, HOUR), 9 * HOUR, 2 * DAY))
    return story(Behaviour.WELL, (begins, chance.choice(FAILING)), (ends, Behaviour.WELL))


def _flapping(chance: Random, lasts: float) -> Story[Behaviour]:
    at, facts = 0.0, []
    for number in range(chance.choice((6, 20))):
        at += chance.choice((chance.uniform(1.0, MINUTE), chance.uniform(MINUTE, 4 * HOUR)))
        facts.append(
            (at, Behaviour.WELL if number % 2 else chance.choice((*FAILING, Behaviour.GONE)))
        )
    return story(Behaviour.WELL, *facts)


def _busy(chance: Random, lasts: float) -> Story[Behaviour]:
    begins = chance.uniform(0.0, lasts / 2)
    return story(
        Behaviour.WELL,
        (begins, Behaviour.BUSY),
        (begins + chance.uniform(HOUR, DAY), Behaviour.WELL),
    )


def _gone(chance: Random, lasts: float) -> Story[Behaviour]:
    return story(Behaviour.WELL, (chance.uniform(0.0, lasts), Behaviour.GONE))


def _back(chance: Random, lasts: float) -> Story[Behaviour]:
    """Draw a receiver that is gone for a while."""
    begins = chance.uniform(0.0, lasts)
    return story(
        Behaviour.WELL,
        (begins, Behaviour.GONE),
        (begins + chance.uniform(60.0, HOUR), Behaviour.WELL),
    )


def _slow(chance: Random, lasts: float) -> Story[Behaviour]:
    return story(Behaviour.SLOW)


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


def drawn_behaviours(chance: Random, *, lasts: float) -> Story[Behaviour]:
    """Return the behaviour of a receiver during a run."""
    return chance.choice(ALL)(chance, lasts)
