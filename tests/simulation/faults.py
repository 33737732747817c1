"""Which call suffers which fault: drawn by a seed, or taken from a plan that is replayed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Protocol

from tests.simulation.false_answers import KEPT

CRASH_BEFORE = "crash before"
CRASH_AFTER = "crash after"
LOST = "not applied, error"
UNANSWERED = "applied, error"
PARTLY = "partly applied, error"
SLOW = "slow"
STALLED = "stalled"
ERROR = "error"
CROWDED = "rows crowded for some rounds"
CROWDED_OUT = "rows crowded until given up"
REFUSED = "one row refused"
CROWDING = (CROWDED, CROWDED_OUT, REFUSED)
OVERTAKEN = "overtaken for some rounds"
OVERTAKEN_OUT = "overtaken until given up"

MUTATING = (CRASH_BEFORE, CRASH_AFTER, LOST, UNANSWERED, SLOW, STALLED)
READING = (CRASH_BEFORE, ERROR, SLOW, STALLED)

POST_FAULTS = (
    CRASH_BEFORE,
    CRASH_AFTER,
    SLOW,
    "not connected",
    "401",
    "429",
    "503",
    "500",
    "applied, 5xx",
    "late, 5xx",
    "timeout, late",
    "timeout, applied",
    "timeout, lost",
    "reset, applied",
    "reset, lost",
    "prefix created",
    "items unanswered",
    "items reordered",
    "item repeated",
    "foreign item",
    "contradicted item",
    "item busy",
    "item error though created",
    "4xx after a part",
    "unreadable",
    "redirect",
)
GET_FAULTS = (CRASH_BEFORE, SLOW, "not connected", "429", "500", "401", "unreadable", "stale")

type Kinds = Mapping[str, tuple[str, ...]]
type Rates = Mapping[str, Sequence[float]]

KINDS: Kinds = {
    "ledger.write": (*MUTATING, PARTLY, *CROWDING),
    "ledger.read": READING,
    "ledger.due": READING,
    "ledger.issuances": READING,
    "programs.active": READING,
    "pseudonyms.of": READING,
    "keys.read": READING,
    "rate_limiter.reserve": (*MUTATING, OVERTAKEN, OVERTAKEN_OUT),
    "rate_limiter.outlook": READING,
    "rate_limiter.report": (CRASH_BEFORE, CRASH_AFTER, LOST),
    "coniq.post": POST_FAULTS,
    "coniq.get": GET_FAULTS,
    "bus.publish": (*MUTATING, PARTLY, "entries refused"),
    "commands.send": (*MUTATING, PARTLY),
    "quarantine.put": (*MUTATING, PARTLY),
    "queue.receive": ("delivered twice",),
    "queue.delete": ("not deleted",),
    "stream.batch": ("discarded",),
    "tick": ("missed", "twice"),
}
RATES = (0.02, 0.06, 0.2)
NO_OWN: Rates = {}
NONE = 0.1  # of all seeds have no fault at all: a check of the harness itself
ON = (0.1, 0.3, 0.6)
AGAIN = 0.4


class Faults(Protocol):
    """Chooses the fault of each call; `suffered` is the plan that repeats the choices."""

    suffered: dict[int, str]
    counts: Counter[str]

    def of(self, call: int, name: str, *, at: float) -> str | None:
        """Return the fault for a call, by its number in the run and its time in seconds."""
        ...

    def stop(self) -> None:
        """Choose no more faults."""
        ...


class Planned:
    """Exactly these faults, by the number of the call."""

    def __init__(self, plan: Mapping[int, str], *, kinds: Kinds = KINDS) -> None:
        self._plan = plan
        self._kinds = kinds
        self._stopped = False
        self.suffered: dict[int, str] = {}
        self.counts: Counter[str] = Counter()

    def of(self, call: int, name: str, *, at: float) -> str | None:
        fault = self._plan.get(call)
        if fault is None or fault not in self._kinds[name]:
            return None
        if self._stopped and fault not in KEPT:
            return None
        self.suffered[call] = fault
        self.counts[f"{name}: {fault}"] += 1
        return fault

    def stop(self) -> None:
        self._stopped = True


class Swarm:
    """A random subset of all kinds, each at a random rate, in streaks; the same for a seed."""

    def __init__(
        self, rates: Mapping[str, Mapping[str, float]], *, seed: int | str, again: float
    ) -> None:
        self._rates = rates
        self._again = again
        self._chance = Random(f"faults {seed}")
        self._stopped = False
        self._streak: dict[str, str] = {}
        self.suffered: dict[int, str] = {}
        self.counts: Counter[str] = Counter()

    def of(self, call: int, name: str, *, at: float) -> str | None:
        rates = self._rates.get(name)
        if self._stopped or not rates:
            return None
        fault = self._drawn(name, rates)
        if fault is not None:
            self.suffered[call] = fault
            self.counts[f"{name}: {fault}"] += 1
        return fault

    def stop(self) -> None:
        self._stopped = True

    def _drawn(self, name: str, rates: Mapping[str, float]) -> str | None:
        drawn = self._chance.random()
        streak = self._streak.pop(name, None)
        if streak is not None and drawn < self._again:
            self._streak[name] = streak
            return streak
        for fault, rate in rates.items():
            if drawn < rate:
                if not fault.startswith("crash"):
                    self._streak[name] = fault
                return fault
            drawn -= rate
        return None


def swarm(
    seed: int | str,
    *,
    kinds: Kinds = KINDS,
    rates: Sequence[float] = RATES,
    own_rates: Rates = NO_OWN,
) -> Swarm:
    """Return the faults of a seed; one seed in ten has none.

    A call with rates of its own suffers each of its faults in every seed; 0.0 may be among the
    rates.
    """
    chance = Random(f"swarm {seed}")
    if chance.random() < NONE:
        return Swarm({}, seed=seed, again=0.0)
    on = chance.choice(ON)
    drawn: dict[str, dict[str, float]] = {}
    for name, faults in kinds.items():
        if name in own_rates:
            drawn[name] = {fault: chance.choice(own_rates[name]) for fault in faults}
        elif some := {fault: chance.choice(rates) for fault in faults if chance.random() < on}:
            drawn[name] = some
    return Swarm(drawn, seed=seed, again=AGAIN)


def standard_mix(seed: int | str) -> Swarm:
    """Return the faults of a bad day: occasional ones, never in streaks."""
    rates = {
        "ledger.write": {UNANSWERED: 0.1, LOST: 0.02},
        "coniq.post": {"429": 0.01, "not connected": 0.01},
        "bus.publish": {"entries refused": 0.05},
        "queue.receive": {"delivered twice": 0.05},
    }
    return Swarm(rates, seed=seed, again=0.0)
