"""Which runs show which bug: random ones, or those in which everything is in place for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from tests.simulation.faults import CRASH_AFTER, SLOW
from tests.simulation.mutant import Mutant
from tests.simulation.webhooks.canonical import run_calm, run_discarded, run_point
from tests.simulation.webhooks.failing import run_failing
from tests.simulation.webhooks.isolation import run_isolated
from tests.simulation.webhooks.mutants_of_keeping import MUTANTS_OF_KEEPING
from tests.simulation.webhooks.mutants_of_parking import MUTANTS_OF_PARKING
from tests.simulation.webhooks.mutants_of_queues import MUTANTS_OF_QUEUES
from tests.simulation.webhooks.mutants_of_sending import MUTANTS_OF_SENDING
from tests.simulation.webhooks.mutants_of_signing import MUTANTS_OF_SIGNING
from tests.simulation.webhooks.paced import run_paced
from tests.simulation.webhooks.report import WebhookReport
from tests.simulation.webhooks.seeds import run_webhooks

FEW = 5
SEEDS = 60
POINTS = 220  # the canonical run has fewer calls

type Run = Callable[[int], WebhookReport]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """A bug, and the numbered runs among which one must show it."""

    mutant: Mutant
    run: Run
    numbers: range
    by: str

    def first(self) -> WebhookReport | None:
        return self.mutant.first_shown(self.numbers, self.run)


def _among(run: Run, numbers: range, by: str, *names: str) -> dict[str, tuple[Run, range, str]]:
    return dict.fromkeys(names, (run, numbers, by))


# Where two things must coincide within a second, random runs would take hundreds of seeds. The
# numbers begin where the bug was found: the tests record it.
ELSEWHERE = {
    **_among(
        run_failing,
        range(FEW),
        "seed of a run that fails for days",
        "an endpoint may fail for ever",
        "an endpoint is disabled after four days",
        "a disabled endpoint is sent to",
        "a worker whose clock is behind leaves a new delivery alone",
        "attempts without end",
        "what is parked sooner than the row is due waits for it",
    ),
    **_among(
        run_calm,
        range(1),
        "run without faults",
        "the sweeper leaves deliveries out",
    ),
    **_among(
        run_paced,
        range(FEW),
        "seed of a crowded run",
        "a slot is waited for beyond the end of the invocation",
        "the pace of an endpoint is not kept",
        "what waits for a pace is handed over all at once",
    ),
    **_among(
        partial(run_point, fault=CRASH_AFTER),
        range(30, POINTS),
        "crash after call",
        "an endpoint is learnt of after the outcome is stored",
    ),
    **_among(
        partial(run_point, fault=CRASH_AFTER),
        range(210, POINTS),
        "crash after call",
        "a replay that is done again sends again",
        "a replay that is done again after another sends again",
        "a replay tells only what its last try has sent",
    ),
    **_among(
        run_discarded,
        range(37, POINTS // 2),
        "discarded by the stream at call",
        "a disabling is published as the endpoint is now",
    ),
    **_among(
        partial(run_point, fault=SLOW),
        range(99, POINTS),
        "slow call",
        "an endpoint is not read again after the claim",
    ),
    **_among(
        run_webhooks,
        range(69, 69 + SEEDS),
        "seed",
        "a replay leaves its events in their pages",
    ),
    **_among(
        run_webhooks,
        range(501_385, 501_385 + FEW),
        "seed",
        "a worker goes on sending to an endpoint that it found closed meanwhile",
    ),
    **_among(
        run_isolated,
        range(FEW),
        "seed of a run with some in trouble",
        *(mutant.name for mutant in MUTANTS_OF_QUEUES),
    ),
    **_among(
        run_isolated,
        range(17, 17 + FEW),
        "seed of a run with some in trouble",
        "retries share the queue of first attempts",
    ),
}
RANDOM = (run_webhooks, range(SEEDS), "seed")
HUNTS: Sequence[Hunt] = [
    Hunt(mutant=mutant, run=run, numbers=numbers, by=by)
    for mutant in (
        *MUTANTS_OF_SENDING,
        *MUTANTS_OF_SIGNING,
        *MUTANTS_OF_KEEPING,
        *MUTANTS_OF_QUEUES,
        *MUTANTS_OF_PARKING,
    )
    for run, numbers, by in (ELSEWHERE.get(mutant.name, RANDOM),)
]
