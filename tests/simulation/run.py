"""One run: a scenario under faults, then time to recover, then the verdict."""

from collections.abc import Callable
from functools import partial

from couponbus.domain.rate_limit import Limits
from couponbus.domain.timing import Timing
from couponbus.events.base import Command
from couponbus.usecases.issuing.audit_barcodes import AuditReport
from tests.simulation.conditions import Conditions
from tests.simulation.coniq import BarcodeSpec, Coniq, Shop
from tests.simulation.course import run_through, silence
from tests.simulation.faults import Faults
from tests.simulation.functions import Function
from tests.simulation.ledger import SimulatedLedger
from tests.simulation.operator import CHECKS_EVERY, TOUCHY, Operator
from tests.simulation.pace import SharedRateLimits
from tests.simulation.ports import CommandQueue, QuarantineQueue, SimulatedBus
from tests.simulation.process import Surroundings
from tests.simulation.queue import SimulatedQueue
from tests.simulation.report import Report
from tests.simulation.scenario import Scenario
from tests.simulation.settings import LIMIT, SETTLE, TIMING, end_of
from tests.simulation.sources import Issue, Poller, handled_by, sweeps
from tests.simulation.stream import Stream
from tests.simulation.verdict import Verdict, is_owed
from tests.simulation.witness import Witness
from tests.simulation.world import World

# A row waits once for a program that is gone, and a crowd for an account that is braked after every
# few barcodes.
RECOVERY = 12_000.0

type IssuerOf = Callable[[Surroundings], Issue]


class Run:
    """All parts of one run, wired together."""

    recovery = RECOVERY
    judge: type[Verdict] = Verdict

    def __init__(
        self,
        scenario: Scenario,
        conditions: Conditions,
        *,
        seed: int | str,
        faults: Faults,
        timing: Timing,
        issuer_of: IssuerOf,
    ) -> None:
        habits = conditions.habits
        self.world = World(seed=seed, faults=faults)
        self.scenario = scenario
        self.conditions = conditions
        self.coniq = Coniq(self.world)
        self.ledger = SimulatedLedger(
            self.world, chunk=conditions.chunk, index_lag=conditions.index_lag
        )
        self.queue = SimulatedQueue(self.world, wake=self._wake)
        self.bus = SimulatedBus(self.world)
        self.quarantine = QuarantineQueue(self.world)
        self.witness = Witness(self.world, self.ledger, self.coniq)
        here = Surroundings(
            world=self.world,
            timing=timing,
            settle=SETTLE,
            accounts=scenario.accounts,
            programs=scenario.programs,
            coniq=self.coniq,
            ledger=self.ledger,
            pace=SharedRateLimits(self.world, provider="coniq", limits=_limits(scenario)),
            bus=self.bus,
            commands=CommandQueue(
                self.world, arrive=lambda command: self._sent(command.model_dump_json())
            ),
            polls=CommandQueue(self.world, arrive=self._watched),
            quarantine=self.quarantine,
            witness=self.witness,
        )
        self.here = here
        issuer = Function(
            self.world, self.witness, habits, name="issue", build=lambda: issuer_of(here)
        )
        publisher = here.publishing(habits, self.witness)
        sweeper = here.sweeping(habits, self.witness)
        self.poller = Poller(self.world, self.queue, habits, issuer=issuer)
        self.schedule = sweeps(self.world, self.ledger, here.base.clock, sweeper=sweeper)
        stream = Stream(self.world, habits, publisher=publisher)
        self.ledger.watchers += [self.witness.changed, stream.changed]
        self.bus.watchers.append(self.witness.published)
        self.coniq.watchers.append(self.witness.sold)
        self.operator = Operator(self.world, here.pace, self.witness)
        self.witness.posting.append(self.operator.posting)
        self._arrivals = 0

    def prepare(self) -> None:
        """Schedule all input from outside."""
        for name in self.scenario.accounts:
            self.coniq.open(
                Shop(
                    name=name,
                    key=f"test-key-not-real-{name}",
                    known={
                        person.email: (person.customer_id, person.known_from)
                        for person in self.scenario.people
                        if person.known_from is not None
                    },
                    shared={one.email for one in self.scenario.people if one.shares_email},
                    blocked={one.customer_id for one in self.scenario.people if one.blocked},
                    poison={one.customer_id for one in self.scenario.people if one.poison},
                    shows_tracking_codes=name == "north" or self.scenario.shows_tracking_codes,
                    honest_items=self.scenario.accounts[name].item_errors_trusted,
                )
            )
        for person in self.scenario.people:
            if person.form_at is not None:
                self._form(person.customer_id, person.form_at)
        for sign_up in self.scenario.sign_ups:
            for when in sign_up.times:
                self._arrive(when, sign_up.body)
        for when, body in self.scenario.garbage:
            self._arrive(when, body)
        for when, name in self.scenario.rotations:
            self.world.at(when, partial(self._rotate, name))
        self.world.at(1.0, self.schedule.tick)
        self.world.at(CHECKS_EVERY, self.operator.check)

    def go(self, *, chaos: float) -> None:
        """Run with faults until `chaos`, then until all is at rest.

        The brake may let only some barcodes pass each time that the operator resumes an account:
        the run goes on while any is issued.
        """
        sold = -1
        while not run_through(
            self.world,
            chaos=chaos,
            recovery=self.recovery,
            calm=self._calm,
            is_quiet=self._quiet,
        ):
            if len(self.coniq.sold) == sold:
                self.witness.report_violation("I2 it never comes to rest")
                return
            sold, chaos = len(self.coniq.sold), self.world.now

    def _wake(self) -> None:
        self.poller.wake()

    def _calm(self) -> None:
        self.world.faults.stop()
        self.world.note("calm", f"{self.queue.redrive()} redriven")

    def _quiet(self) -> bool:
        return (
            self._arrivals == 0
            and not self.queue.messages
            and self.poller.active == 0
            and not any(is_owed(row) for row in self.ledger.rows.values())
        )

    def audit(self) -> AuditReport:
        """Run the nightly audit without faults."""
        reports: list[AuditReport] = []

        def work() -> None:
            end = end_of(self.here.base.clock.now())
            reports.append(self.here.auditor().handle(deadline=end))

        self.world.start(name="audit", work=work, skew=0.0, lasts=LIMIT, ended=lambda _: None)
        with silence():
            self.world.run(until=self.world.now + 2 * LIMIT)
        return reports[0]

    def problems(self) -> list[str]:
        return [*self.witness.violations, *self.verdict().problems()]

    def verdict(self) -> Verdict:
        return self.judge(
            self.scenario,
            ledger=self.ledger,
            coniq=self.coniq,
            queue=self.queue,
            quarantine=self.quarantine,
            witness=self.witness,
        )

    def report(self, seed: int | str) -> Report:
        """Return the result."""
        return Report(
            seed=seed,
            violations=self.problems(),
            plan=self.world.faults.suffered,
            faults=self.world.faults.counts,
            steps=self.world.steps,
            calls=self.world.calls,
            crashes=self.world.crashes,
            names=self.world.names,
            sign_ups=len(self.scenario.sign_ups),
            issued=len(self.witness.issued_at),
            claims=self.witness.claims,
            sold=self.coniq.sold,
            waits=self.waits(),
            trace=self.world.trace,
        )

    def waits(self) -> list[float]:
        """Return the seconds from the first sign-up to the barcode, for each issued barcode."""
        firsts: dict[str, float] = {}
        for sign_up in self.scenario.sign_ups:
            firsts[sign_up.signup_id] = sign_up.times[0]
        return [
            at - firsts[self.ledger.rows[key].signup_id]  # type: ignore[attr-defined]
            for key, at in self.witness.issued_at.items()
            if key in self.ledger.rows
        ]

    def _arrive(self, when: float, body: str) -> None:
        self._arrivals += 1

        def arrive() -> None:
            self._arrivals -= 1
            self._sent(body)

        self.world.at(when, arrive)

    def _sent(self, body: str) -> None:
        self.queue.send(body)

    def _watched(self, command: Command) -> None:
        self.witness.report_violation(
            f"I2 no customer is watched here, but there is a {type(command).__name__}"
        )

    def _rotate(self, name: str) -> None:
        self.coniq.shops[name].key += "-rotated"

    def _form(self, customer_id: int, when: float) -> None:
        spec = BarcodeSpec(
            account="south", customer_id=customer_id, offer_id=22, channel="MAIL", tracking_code=""
        )
        self.world.at(when, partial(self.coniq.make_by_form, spec))


def _limits(scenario: Scenario) -> dict[str, Limits]:
    return {
        name: Limits(calls_per_second=account.calls_per_second, brake=TOUCHY)
        for name, account in scenario.accounts.items()
    }


def real_issuer(here: Surroundings) -> Issue:
    """Return the real use case, as the handler would call it."""
    return handled_by(here.issuer(), here.base.clock)


def simulate(
    scenario: Scenario,
    conditions: Conditions,
    *,
    seed: int | str,
    faults: Faults,
    timing: Timing = TIMING,
    issuer_of: IssuerOf = real_issuer,
) -> Report:
    """Run a scenario and judge it."""
    run = Run(scenario, conditions, seed=seed, faults=faults, timing=timing, issuer_of=issuer_of)
    run.prepare()
    run.go(chaos=conditions.chaos)
    return run.report(seed)
