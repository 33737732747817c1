"""The conditions of a run: Lambda's habits, chunk size, index lag, duration of faults."""

from dataclasses import dataclass
from random import Random

from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from tests.simulation.functions import Habits

SHORTEST, LONGEST = 300.0, 1500.0  # how long faults last, in seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Writes store `chunk` rows at once; the index lags by `index_lag`; faults end at `chaos`."""

    habits: Habits
    chunk: int
    index_lag: float
    chaos: float


def drawn_conditions(seed: int | str) -> Conditions:
    """Return the conditions of a seed."""
    chance = Random(f"conditions {seed}")
    return Conditions(
        habits=Habits(
            concurrency=chance.choice((1, 2, 3, 3)),
            batch=chance.choice((1, 3, 10, 10)),
            window=chance.choice((0.5, 2.0, 5.0)),
            warm=chance.choice((0.0, 0.8, 1.0)),
            skew=chance.choice((0.0, 2.0, 2.0, 5.0)),
            stream_tries=chance.choice((1, 3, 8)),
        ),
        chunk=chance.choice((1, 2, STATEMENTS_PER_CALL)),
        index_lag=chance.choice((0.0, 2.0)),
        chaos=chance.uniform(SHORTEST, LONGEST),
    )
