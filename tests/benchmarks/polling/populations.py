"""When customers sign up and redeem: populations of watches on fixed seeds.

Times are minutes since the epoch. Customers who sign up in the same minute and share a shard are
polled together, so a population is made of groups: the run need not handle each watch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from couponbus.domain.polling.cohort import SHARDS, minute_of

HOUR, DAY = 60, 1440
START = minute_of(datetime(2026, 3, 2, tzinfo=UTC))
VALID = 30 * DAY  # how long a code can be redeemed
GRACE = DAY  # how long it is watched after that
OPEN_FROM, OPEN_UNTIL = 8 * HOUR, 22 * HOUR
SIGN_UPS_A_DAY = 3  # moments, at any hour while the shops are open
EARLY_SHARE, BUMP_SHARE, FLAT_SHARE = 0.35, 0.12, 0.35
BUMP = 36 * HOUR
WEIBULL_SCALE, WEIBULL_SHAPE = 2.0 * DAY, 0.5

type Draw = Callable[[float, Random], float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Watches that began in one minute, in one shard; `redeemed` has a moment or None for each."""

    begun: int
    shard: int
    redeemed: Sequence[float | None]

    @property
    def expires(self) -> int:
        """When the codes expire."""
        return self.begun + VALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """When customers redeem: `age` draws minutes since the sign-up, None for never.

    One number from 0 to 1 decides whether a customer redeems.
    """

    name: str
    age: Draw
    by_day_only: bool


def early(chance: float, source: Random) -> float | None:
    """Redeem soon, by a Weibull law, or shortly before the end, or never."""
    if chance < EARLY_SHARE:
        age = source.weibullvariate(WEIBULL_SCALE, WEIBULL_SHAPE)
        return age if age < VALID else None
    if chance < EARLY_SHARE + BUMP_SHARE:
        return VALID - BUMP * source.random()
    return None


def flat(chance: float, source: Random) -> float | None:
    """Redeem at any time of the code's life, or never."""
    return VALID * source.random() if chance < FLAT_SHARE else None


EARLY = Profile(name="early and at the end", age=early, by_day_only=False)
BY_DAY = Profile(name="the same, 8 to 22 h only", age=early, by_day_only=True)
FLAT = Profile(name="flat", age=flat, by_day_only=False)


def population(profile: Profile, *, days: range, per_group: int, seed: int) -> Iterator[Group]:
    """Yield the groups that sign up on these days, which count from START and may be before it."""
    source = Random(f"{profile.name} {seed}")
    for day in days:
        for _ in range(SIGN_UPS_A_DAY):
            hour = source.randrange(OPEN_FROM // HOUR, OPEN_UNTIL // HOUR) * HOUR
            yield from moment(profile, START + day * DAY + hour, per_group=per_group, source=source)


def moment(profile: Profile, hour: int, *, per_group: int, source: Random) -> Iterator[Group]:
    """Yield a group for each shard, each in a minute of its own of this hour."""
    for shard in range(SHARDS):
        begun = hour + source.randrange(HOUR)
        redeemed = tuple(_redemption(profile, begun, source) for _ in range(per_group))
        yield Group(begun=begun, shard=shard, redeemed=redeemed)


def _redemption(profile: Profile, begun: int, source: Random) -> float | None:
    chance = source.random()
    while True:
        age = profile.age(chance, source)
        if age is None:
            return None
        # A time at night is drawn anew: the hazard is the same, but for closed shops.
        if not profile.by_day_only or OPEN_FROM <= (begun + age) % DAY < OPEN_UNTIL:
            return begun + age
