"""What customers do, drawn: redemptions in the same second, late, twice, reversed, and repeated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from couponbus.domain.polling.snapshot import UNLISTED_MAX
from couponbus.domain.provider import Provider
from tests.simulation.polling.story import Story, story
from tests.simulation.polling.truth import Code, Listed, Place, Standing, Truth, Use

VALUES = ("10.00", "8.00", "12.50")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When the run begins, when the customer signs up, and how long events may follow."""

    begins: float
    signs_up: float
    lasts: float

    def later(self, chance: Random) -> float:
        return self.begins + chance.uniform(0.0, self.lasts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Ranges: number of redemptions, number of changes of each, seconds between changes.

    One value of each is drawn; `gaps` are themselves ranges, in seconds.
    """

    uses: Sequence[int]
    changes: Sequence[int]
    gaps: Sequence[tuple[float, float]]
    limits: Sequence[int | None]


SOON, LATER = (0.5, 8.0), (30.0, 900.0)
QUIET = Habits(
    uses=(0, 1, 2, 3, 4), changes=(0, 0, 1, 2, 3), gaps=(SOON, LATER), limits=(None, 1, 2, 2, 5)
)
BUSY = Habits(
    uses=(2, 4, 8), changes=(1, 2, 3, 5), gaps=(SOON, SOON, (5.0, 60.0)), limits=(None, None, 2, 9)
)


def drawn_stock(chance: Random, times: Times) -> Story[int | None]:
    """Return how many codes are left for all customers."""
    if chance.random() < 0.7:
        return story(None)
    crossings = [(times.later(chance), chance.choice((90, 100, 110, 119, 120))) for _ in range(4)]
    return story(150, *crossings)


def drawn_others(chance: Random, times: Times) -> Story[int]:
    """Return how often other customers used the same code."""
    kind = chance.random()
    if kind < 0.5:
        return story(0)
    count = chance.choice((1, 2, 5, UNLISTED_MAX, 300))
    if kind < 0.85:
        return story(count)
    later = sorted(times.later(chance) for _ in range(chance.choice((1, 2, 4))))
    steps = (chance.choice((1, 1, 2, -1)) for _ in later)
    return story(count, *zip(later, accumulate(steps, initial=count), strict=False))


def drawn_cut(chance: Random, uses: Sequence[Use], times: Times) -> tuple[Use, ...]:
    """Return the redemptions, sometimes with one that lists lack for a while."""
    if not uses or chance.random() < 0.6:
        return tuple(uses)
    place = chance.randrange(len(uses))
    appears = max(uses[place].values.changes()[0], times.signs_up)
    begins = appears + chance.choice((-300.0, chance.uniform(*LATER)))
    ends = max(begins, times.signs_up) + chance.uniform(700.0, 1500.0)
    cut = replace(uses[place], cut=story(False, (begins, True), (ends, False)))
    return (*uses[:place], cut, *uses[place + 1 :])


def of_a_single_use(chance: Random, truth: Truth, times: Times) -> Truth:
    """Return the behaviour of a customer whose only use is corrected or taken back afterwards."""
    at = times.signs_up + chance.uniform(60.0, 600.0)
    facts: list[tuple[float, str | None]] = [(at, VALUES[0])]
    for value in chance.choice(((VALUES[1],), (None,), (VALUES[1], None), (None, VALUES[2]))):
        at += chance.uniform(400.0, 1200.0)
        facts.append((at, value))
    use = Use(number=f"{truth.user_id[-1]}900", stated=facts[0][0], values=story(None, *facts))
    return replace(truth, uses=(use,), code=story(Code(ends=None, uses_max=1)))


def drawn_truth(
    chance: Random, place: Place, times: Times, habits: Habits, left: Story[int | None]
) -> Truth:
    """Return the behaviour of one customer."""
    provider, account, promotion, user_id = place
    draw = _Drawn(chance, times, habits)
    is_uniqodo = provider is Provider.UNIQODO
    return Truth(
        provider=provider,
        account=account,
        promotion=promotion,
        user_id=user_id,
        uses=tuple(draw.uses(user_id)) if is_uniqodo else (),
        code=draw.code() if is_uniqodo else story(None),
        left=left,
        offers=() if is_uniqodo else tuple(draw.offers()),
    )


class _Drawn:
    def __init__(self, chance: Random, times: Times, habits: Habits) -> None:
        self._chance = chance
        self._times = times
        self._habits = habits

    def uses(self, user_id: str) -> Iterator[Use]:
        """Draw redemptions, some of them in groups of the same second."""
        chance = self._chance
        number = 0
        for _ in range(chance.choice(self._habits.uses)):
            shown_at = self._some_time()
            stated = self._stated(shown_at)
            for _ in range(chance.choice((1, 1, 1, 2, 3))):
                number += 1
                yield Use(
                    number=f"{user_id[-1]}{number:03d}",
                    stated=stated,
                    values=self._values(shown_at),
                )

    def code(self) -> Story[Code | None]:
        chance = self._chance
        if chance.random() < 0.25:
            return story(Code(ends=None, uses_max=chance.choice((None, 3))))
        ends = self._times.begins + chance.choice((chance.uniform(500.0, 2000.0), 30_000.0))
        code = Code(ends=ends, uses_max=chance.choice((None, None, *self._habits.limits)))
        facts: list[tuple[float, Code | None]] = []
        if ends < self._times.begins + self._times.lasts and chance.random() < 0.3:
            extended = Code(ends=ends + chance.uniform(300.0, 900.0), uses_max=code.uses_max)
            facts.append((ends - chance.uniform(100.0, 900.0), extended))
        if chance.random() < 0.2:
            return story(None, (self._times.begins + chance.uniform(0.0, 600.0), code), *facts)
        return story(code, *facts)

    def offers(self) -> Iterator[Listed]:
        """Draw offers that appear, are redeemed, used up, reversed, and end."""
        chance = self._chance
        for number in range(chance.choice((1, 1, 2, 3))):
            appears = self._times.begins - 1e6 if chance.random() < 0.6 else self._later()
            lasts = chance.uniform(500.0, 2000.0)
            ends = None if chance.random() < 0.4 else max(appears, self._times.begins) + lasts
            limit = chance.choice(self._habits.limits)
            yield Listed(
                offer_id=f"coupon-{number}",
                starts=chance.choice((None, appears, appears - 5000.0)),
                ends=ends,
                limit=limit,
                standings=self._standings(appears, ends, limit),
            )

    def _standings(self, appears: float, ends: float | None, limit: int | None) -> Story[Standing]:
        chance = self._chance
        most = 99 if limit is None else limit
        count = min(chance.choice((0, 0, 1, 2, 4)), most)
        at = max(self._some_time(), appears)
        facts = [(appears, Standing(count, count < most))]
        for _ in range(chance.choice(self._habits.changes)):
            at += self._gap()
            step = chance.choice((1, 1, 2, 3, -1, -1, -2))
            count = min(max(count + step, 0), most)
            facts.append((at, Standing(count, count < most)))
        if chance.random() < 0.15:
            facts.append((self._later(), Standing(count, shown=False)))  # withdrawn
        if ends is not None:
            kept = [fact for fact in facts if fact[0] < ends]
            facts = [*kept, (ends + chance.uniform(0.0, 90.0), Standing(kept[-1][1].count, False))]
        return story(Standing(0, shown=False), *facts)

    def _values(self, shown_at: float) -> Story[str | None]:
        """Draw the values of a redemption over time; None while it is not shown."""
        chance = self._chance
        at, value = shown_at, VALUES[0]
        facts: list[tuple[float, str | None]] = [(at, value)]
        for _ in range(chance.choice(self._habits.changes)):
            at += self._gap()
            value = chance.choice([one for one in VALUES if one != value])
            facts.append((at, value))
        if chance.random() < 0.35:
            at += self._gap()
            facts.append((at, None))
            if chance.random() < 0.5:
                facts.append((at + chance.uniform(*LATER), chance.choice(VALUES)))
        return story(None, *facts)

    def _gap(self) -> float:
        return self._chance.uniform(*self._chance.choice(self._habits.gaps))

    def _stated(self, shown_at: float) -> float | None:
        """Draw the time that a redemption states: a few are reported long afterwards."""
        kind = self._chance.random()
        if kind < 0.04:
            return None
        return shown_at - self._chance.uniform(1.0, 3000.0) if kind < 0.25 else shown_at

    def _some_time(self) -> float:
        """Draw a time: before the watch, just when it begins, or later."""
        kind = self._chance.random()
        if kind < 0.1:
            return self._times.signs_up - self._chance.uniform(0.0, 1000.0)
        if kind < 0.25:
            return self._times.signs_up + self._chance.uniform(-5.0, 30.0)
        return self._later()

    def _later(self) -> float:
        return self._times.later(self._chance)
