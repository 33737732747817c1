"""All planted bugs, and the search for the first seed that shows one."""

from collections.abc import Iterable, Sequence
from functools import partial

from tests.simulation.mutant import Mutant
from tests.simulation.mutants_of_answers import OLD_RULES
from tests.simulation.mutants_of_batches import MUTANTS_OF_BATCHES
from tests.simulation.mutants_of_issuing import MUTANTS_OF_ISSUING
from tests.simulation.mutants_of_publishing import MUTANTS_OF_PUBLISHING
from tests.simulation.report import Report
from tests.simulation.seeds import run_seed

MUTANTS: Sequence[Mutant] = (
    *MUTANTS_OF_ISSUING,
    *MUTANTS_OF_BATCHES,
    *MUTANTS_OF_PUBLISHING,
    *OLD_RULES,
)


def first_failure(mutant: Mutant, seeds: Iterable[int]) -> Report | None:
    """Return the first run in which the bug violates one of its invariants."""
    return mutant.first_shown(seeds, partial(run_seed, timing=mutant.timing))
