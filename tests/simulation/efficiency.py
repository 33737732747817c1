"""Claims and time per barcode under the standard mix of faults (docs/reliability.md#invariants)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from tests.simulation.conditions import drawn_conditions
from tests.simulation.faults import standard_mix
from tests.simulation.run import simulate
from tests.simulation.scenario import Person, Scenario, SignUp, drawn

SIGN_UPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Efficiency:
    """`claims` per barcode; `slow` is the wait in seconds that one barcode in a hundred exceeds."""

    claims: float
    slow: float
    barcodes: int


def measure(seeds: Iterable[int]) -> Efficiency:
    """Measure runs of well-behaved customers under the standard mix of faults."""
    claims = 0
    waits: list[float] = []
    for seed in seeds:
        report = simulate(
            _plain(seed), drawn_conditions(seed), seed=seed, faults=standard_mix(seed)
        )
        if report.violations:
            raise AssertionError(f"seed {seed}: {report.violations}")
        claims += report.claims
        waits += report.waits
    slow = sorted(waits)[int(len(waits) * 0.99)]
    return Efficiency(claims=claims / len(waits), slow=slow, barcodes=len(waits))


def _plain(seed: int) -> Scenario:
    chance = Random(f"plain {seed}")
    sign_ups = [
        SignUp(
            signup_id=f"signup-{number}",
            customer_id=1001 + number,
            email=None,
            consents=(),
            born=None,
            shop="north",
            times=(chance.uniform(0, 60),),
            wrapped=True,
        )
        for number in range(SIGN_UPS)
    ]
    return replace(drawn(seed), people=_people(sign_ups), sign_ups=sign_ups, garbage=())


def _people(sign_ups: Iterable[SignUp]) -> list[Person]:
    return [
        Person(customer_id=one.customer_id, email=f"{one.signup_id}@customer.example", known_from=0)
        for one in sign_ups
        if one.customer_id is not None
    ]
