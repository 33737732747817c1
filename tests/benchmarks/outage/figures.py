"""The costs of an outage, and the waits of its customers."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus.domain.issuing.issuance import Issuance
from tests.benchmarks.outage.run import OutageRun, Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Times are seconds; `missed` sign-ups were not issued in time, or died in the queue.

    `noticed` is when the first POST was taken after the recovery, `tail` when the last sign-up of
    the outage was decided. `fresh` ones came after what was noticed, `usual` ones before.
    """

    doubted: int
    look_ups_after: int
    noticed: float
    tail: float
    units: float
    revisions: float
    most_revisions: int
    usual_p99: float
    usual_longest: float
    fresh_p99: float
    fresh_longest: float
    missed: int
    doubled: int
    errors: int


def measured(scenario: Scenario) -> Figures:
    """Run the scenario, and return its figures."""
    run = OutageRun(scenario)
    counts: dict[str, int] = {}
    ends, begins = scenario.ends, scenario.well

    def begun() -> None:
        counts["doubted"] = run.provider.posted.total()

    def ended() -> None:
        counts["doubted"] = run.provider.posted.total() - counts["doubted"]
        counts["gets"] = run.provider.calls["GET"]

    run.world.at(begins, begun)
    run.world.at(ends, ended)
    run.go()
    came, decided = run.seen.came, run.seen.decided
    theirs = [number for number, at in came.items() if begins <= at < ends]
    noticed = next((at for at in run.provider.taken_at if at > ends), run.world.now)
    keys = {
        int(row.signup_id): key for key, row in run.ledger.rows.items() if isinstance(row, Issuance)
    }
    revisions = [run.ledger.revisions[keys[number]] for number in theirs if number in keys]
    last = max((decided.get(number, run.world.now) for number in theirs), default=ends)
    usual = [decided[n] - at for n, at in came.items() if at < begins - 60 and n in decided]
    fresh = [
        decided.get(n, run.world.now) - at
        for n, at in came.items()
        if noticed <= at < run.world.now - 120
    ]
    return Figures(
        doubted=counts["doubted"],
        look_ups_after=run.provider.calls["GET"] - counts["gets"],
        noticed=noticed - ends,
        tail=last - ends,
        units=sum(run.ledger.units[keys[n]] for n in theirs if n in keys) / max(len(theirs), 1),
        revisions=sum(revisions) / max(len(revisions), 1),
        most_revisions=max(revisions, default=0),
        usual_p99=_p99(usual),
        usual_longest=max(usual, default=0.0),
        fresh_p99=_p99(fresh),
        fresh_longest=max(fresh, default=0.0),
        missed=sum(number not in decided for number in theirs) + len(run.workers.dead),
        doubled=sum(count > 1 for count in run.provider.made.values()),
        errors=len(run.seen.errors),
    )


def _p99(waits: Sequence[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)] if waits else 0.0
