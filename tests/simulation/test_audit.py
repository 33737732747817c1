"""The nightly audit agrees with the harness, and finds what no protocol can prevent."""

from dataclasses import replace

from couponbus.domain.issuing.issuance import Issuance, IssuanceState, Origin
from tests.simulation.conditions import drawn_conditions
from tests.simulation.faults import Faults, Swarm, swarm
from tests.simulation.run import Run, real_issuer
from tests.simulation.scenario import drawn
from tests.simulation.settings import TIMING

TOO_SHORT = 6.0


def finished(seed: int, *, faults: Faults, settle: float) -> Run:
    run = Run(
        drawn(seed),
        drawn_conditions(seed),
        seed=seed,
        faults=faults,
        timing=replace(TIMING, settle=settle),
        issuer_of=real_issuer,
    )
    run.prepare()
    run.go(chaos=drawn_conditions(seed).chaos)
    run.world.run(until=run.world.now + TIMING.settle + 60.0)
    return run


def test_the_audit_finds_nothing_where_nothing_is_wrong() -> None:
    checked = 0
    for seed in range(15):
        report = finished(seed, faults=swarm(seed), settle=TIMING.settle).audit()
        checked += report.checked
        found = [*report.duplicates, *report.missing, *report.refused, *report.unreadable]
        assert (seed, found) == (seed, [])
    assert checked > 0


def test_what_takes_effect_after_the_settling_time_is_found_by_the_audit() -> None:
    """Coniq takes no barcode back: the audit can only report it (docs/reliability.md#limits)."""
    found = 0
    for seed in range(15):
        late = Swarm({"coniq.post": {"timeout, late": 0.5}}, seed=seed, again=0.0)
        run = finished(seed, faults=late, settle=TOO_SHORT)
        twice = [
            row.tracking_code
            for row in run.ledger.rows.values()
            if isinstance(row, Issuance)
            and row.state is IssuanceState.ISSUED
            and row.origin is not Origin.EXISTING
            and len(run.coniq.coded(row.tracking_code)) > 1
            and run.scenario.shows_tracking_codes
        ]
        in_vain = [
            row.tracking_code
            for row in run.ledger.rows.values()
            if isinstance(row, Issuance)
            and row.state is IssuanceState.REJECTED
            and run.coniq.coded(row.tracking_code)
            and run.scenario.shows_tracking_codes
        ]
        if twice or in_vain:
            report = run.audit()
            assert set(twice) <= set(report.duplicates)
            assert set(in_vain) <= set(report.refused)
            found += len(twice)
    assert found > 0
