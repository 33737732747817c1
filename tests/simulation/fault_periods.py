"""Faults of a whole account: the same answer to each call, from one call to hours."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.simulation.false_answers import FALSE_GET_ANSWERS, FALSE_POST_ANSWERS, IGNORED, KEPT
from tests.simulation.faults import GET_FAULTS, KINDS, POST_FAULTS, Faults, Kinds
from tests.simulation.vocabulary import (
    GET_WORDS,
    POST_WORDS,
    Effect,
    Word,
)

POST, GET, KEEPS = "coniq.post", "coniq.get", "coniq.keeps"
ALL_KINDS: Kinds = {
    **KINDS,
    POST: (*POST_FAULTS, *FALSE_POST_ANSWERS, *POST_WORDS),
    GET: (*GET_FAULTS, *FALSE_GET_ANSWERS, *GET_WORDS),
    KEEPS: tuple(KEPT),
}
SOME = 0.5  # of all seeds have fault periods
LASTING = 0.5  # of the ways to keep a reference are for good
USUALLY = 0.5
USUAL = (200, 400, 404, 404, 404, 422, 429, 503)
LATEST = 240.0
EARLY = 60.0
MINUTES = (30.0, 900.0)
DRAWN = tuple(POST_WORDS.values())
IN_DOUBT = tuple(word for word in DRAWN if word.effect is not Effect.NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPeriod:
    """A fault that each call meets while it lasts, `most` calls of them; times are in seconds."""

    name: str
    fault: str
    begins: float
    ends: float
    most: int | None = None

    def covers(self, name: str, at: float) -> bool:
        return name == self.name and self.begins <= at < self.ends


class FaultPeriods:
    """The faults that the periods decide, and `others` for all other calls."""

    def __init__(self, fault_periods: Sequence[FaultPeriod], *, others: Faults) -> None:
        self.suffered = others.suffered
        self.counts = others.counts
        self._periods = fault_periods
        self._others = others
        self._stopped = False
        self._met: Counter[int] = Counter()

    def of(self, call: int, name: str, *, at: float) -> str | None:
        for index, period in enumerate(self._periods):
            if self._meets(index, period, name=name, at=at):
                self._met[index] += 1
                self.suffered[call] = period.fault
                self.counts[f"{name}: {period.fault}"] += 1
                return period.fault
        return self._others.of(call, name, at=at)

    def stop(self) -> None:
        """End all periods but those that never end."""
        self._stopped = True
        self._others.stop()

    def _meets(self, index: int, period: FaultPeriod, *, name: str, at: float) -> bool:
        if not period.covers(name, at) or (self._stopped and period.fault not in KEPT):
            return False
        return period.most is None or self._met[index] < period.most


def drawn_fault_periods(seed: int | str, *, chaos: float) -> list[FaultPeriod]:
    """Return the fault periods of a seed, whose faults end at `chaos`."""
    chance = Random(f"spells {seed}")
    if chance.random() >= SOME:
        return []
    stories = (_refusing, _refusing, _doubting, _doubting, _keeping, _answering_falsely)
    periods: list[FaultPeriod] = []
    for _ in range(chance.choice((1, 1, 2))):
        periods += chance.choice(stories)(chance, chaos)
    return periods


def _refusing(chance: Random, chaos: float) -> list[FaultPeriod]:
    """The same answer to each POST, and in half of the cases to each GET."""
    begins, ends, most = _span(chance, chaos)
    word = _word(chance, DRAWN)
    periods = [FaultPeriod(name=POST, fault=word.name, begins=begins, ends=ends, most=most)]
    if chance.random() < 0.5:
        asked = Word(status=word.status, form=word.form)
        periods.append(FaultPeriod(name=GET, fault=asked.name, begins=begins, ends=ends, most=most))
    return periods


def _doubting(chance: Random, chaos: float) -> list[FaultPeriod]:
    """Unknown outcomes of a few POSTs, and wrong answers to the look-ups."""
    begins, ends = chance.uniform(0.0, EARLY), chaos
    asked = _word(chance, tuple(GET_WORDS.values())).name
    if chance.random() < 0.5:
        asked = chance.choice((*FALSE_GET_ANSWERS, *IGNORED, *IGNORED))
    doubt, most = _word(chance, IN_DOUBT).name, chance.randint(1, 4)
    return [
        FaultPeriod(name=POST, fault=doubt, begins=begins, ends=ends, most=most),
        FaultPeriod(name=GET, fault=asked, begins=begins, ends=ends),
    ]


def _keeping(chance: Random, chaos: float) -> list[FaultPeriod]:
    """References stored in another form."""
    fault = chance.choice(tuple(KEPT))
    if chance.random() < LASTING:
        return [FaultPeriod(name=KEEPS, fault=fault, begins=0.0, ends=float("inf"))]
    begins, ends, most = _span(chance, chaos)
    return [FaultPeriod(name=KEEPS, fault=fault, begins=begins, ends=ends, most=most)]


def _answering_falsely(chance: Random, chaos: float) -> list[FaultPeriod]:
    """Answers of the right form with false content."""
    name, faults = chance.choice(
        ((POST, FALSE_POST_ANSWERS), (POST, FALSE_POST_ANSWERS), (GET, FALSE_GET_ANSWERS))
    )
    begins, ends, most = _span(chance, chaos)
    begins = min(begins, EARLY)  # most POSTs come in this time
    return [
        FaultPeriod(name=name, fault=chance.choice(faults), begins=begins, ends=ends, most=most)
    ]


def _word(chance: Random, words: Sequence[Word]) -> Word:
    if chance.random() < USUALLY:
        status = chance.choice(USUAL)
        words = [word for word in words if word.status == status] or words
    return chance.choice(words)


def _span(chance: Random, chaos: float) -> tuple[float, float, int | None]:
    """Return when a period begins, when it ends, and after how many calls."""
    begins = chance.uniform(0.0, LATEST)
    ends = chance.choice((chaos, chaos, begins + chance.uniform(*MINUTES)))
    return begins, ends, chance.choice((1, None, None, None))
