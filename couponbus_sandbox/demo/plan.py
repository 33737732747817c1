"""What customers do in the second part of the demo, drawn from a seed before it begins."""

# Some customers do what a poller could get wrong; the others redeem as usual, most of them soon.

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from couponbus_sandbox.demo.calendar import HOUR, MINUTE, Calendar
from couponbus_sandbox.demo.load import Load

USES_OF_A_CODE = 3
LATE_CUSTOMERS = 4
EARLIER = 2 * HOUR
TIMES = ((0, 1, 2), (3, 5, 2))  # how often a customer redeems, and how many of ten do so


class Act(StrEnum):
    """The kinds of actions; VOID, CHANGE and REMOVE are about earlier redemptions."""

    BEFORE = "before"  # redeemed before the watch began
    USE_CODE = "use_code"
    USE_OFFER = "use_offer"
    USE_LAST_OFFER = "use_last_offer"  # the offer is used up and disappears
    VOID = "void"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """`at` is in seconds since the beginning, `times` how often it happens at that moment."""

    at: float
    customer: int
    act: Act
    times: int = 1


def make_plan(load: Load, calendar: Calendar, *, seed: int) -> Sequence[PlannedAction]:
    """Return what happens in the order of time; the same for the same seed."""
    drawing = _Drawing(calendar, seed=seed)
    return sorted(drawing.all_of(load), key=lambda one: one.at)


class _Drawing:
    """One random generator, used in a fixed order."""

    def __init__(self, calendar: Calendar, *, seed: int) -> None:
        self._calendar = calendar
        self._chance = random.Random(f"week {seed}")  # noqa: S311 - repeatable on purpose

    def all_of(self, load: Load) -> Iterator[PlannedAction]:
        users, consumers = list(load.users), list(load.consumers)
        self._chance.shuffle(users)
        self._chance.shuffle(consumers)
        yield from self._at_uniqodo(users)
        yield from self._at_koupon(consumers)

    def _at_uniqodo(self, users: list[int]) -> Iterator[PlannedAction]:
        latest = self._calendar.last_code
        parts = (self._changed, self._removed, self._same_second, self._used_up, self._owner)
        for part, customer in zip(parts, users, strict=False):
            yield from part(customer)
        rest = users[len(parts) :]
        for customer in rest[:LATE_CUSTOMERS]:
            ahead = min(self._chance.expovariate(1 / (3 * HOUR)), self._calendar.stretch)
            yield PlannedAction(at=latest - ahead, customer=customer, act=Act.USE_CODE)
        yield from self._usual(rest[LATE_CUSTOMERS:], Act.USE_CODE, latest=latest)

    def _at_koupon(self, consumers: list[int]) -> Iterator[PlannedAction]:
        parts = (self._voided, self._jumped, self._last_offer, self._regular)
        for part, customer in zip(parts, consumers, strict=False):
            yield from part(customer)
        rest = consumers[len(parts) :]
        yield from self._usual(rest, Act.USE_OFFER, latest=self._calendar.last_offer)

    def _usual(self, customers: list[int], act: Act, *, latest: float) -> Iterator[PlannedAction]:
        """Redeem mostly soon: half of the redemptions are in the first eighth of the time."""
        for customer in customers:
            for _ in range(self._chance.choices(*TIMES)[0]):
                at = MINUTE + (latest - MINUTE) * self._chance.random() ** 3
                yield PlannedAction(at=at, customer=customer, act=act)

    def _changed(self, customer: int) -> Iterator[PlannedAction]:
        yield self._in_the_second_hour(customer, Act.USE_CODE)
        yield self._in_stretch(1, customer, Act.CHANGE)

    def _removed(self, customer: int) -> Iterator[PlannedAction]:
        yield self._in_the_second_hour(customer, Act.USE_CODE)
        yield self._in_stretch(2, customer, Act.REMOVE)

    def _same_second(self, customer: int) -> Iterator[PlannedAction]:
        yield self._in_stretch(0, customer, Act.USE_CODE, times=2)

    def _used_up(self, customer: int) -> Iterator[PlannedAction]:
        for number in range(USES_OF_A_CODE):
            yield self._in_stretch(number % 2, customer, Act.USE_CODE)

    def _owner(self, customer: int) -> Iterator[PlannedAction]:
        yield PlannedAction(at=-EARLIER, customer=customer, act=Act.BEFORE)
        yield self._in_the_second_hour(customer, Act.USE_CODE)

    def _voided(self, customer: int) -> Iterator[PlannedAction]:
        yield self._in_the_second_hour(customer, Act.USE_OFFER)
        yield self._in_stretch(2, customer, Act.VOID)

    def _jumped(self, customer: int) -> Iterator[PlannedAction]:
        yield self._in_stretch(0, customer, Act.USE_OFFER, times=2)

    def _last_offer(self, customer: int) -> Iterator[PlannedAction]:
        yield self._in_stretch(0, customer, Act.USE_LAST_OFFER)

    def _regular(self, customer: int) -> Iterator[PlannedAction]:
        yield PlannedAction(at=-EARLIER, customer=customer, act=Act.BEFORE)
        yield self._in_the_second_hour(customer, Act.USE_OFFER)

    def _in_the_second_hour(self, customer: int, act: Act) -> PlannedAction:
        return PlannedAction(at=HOUR * (1 + self._chance.random()), customer=customer, act=act)

    def _in_stretch(self, number: int, customer: int, act: Act, *, times: int = 1) -> PlannedAction:
        at = self._calendar.stretch * (number + self._chance.random())
        return PlannedAction(at=at, customer=customer, act=act, times=times)
