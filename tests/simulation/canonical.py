"""The smallest run that covers every path: by id, by e-mail with all gates, and an invalid one."""

from couponbus.aws.ledger.statements import STATEMENTS_PER_CALL
from couponbus.domain.issuing.account import Lookup
from tests.simulation.conditions import Conditions
from tests.simulation.fault_periods import ALL_KINDS
from tests.simulation.faults import CRASH_BEFORE, Planned
from tests.simulation.functions import Habits
from tests.simulation.report import Report
from tests.simulation.run import simulate
from tests.simulation.scenario import GARBAGE, Person, Scenario, SignUp, programs
from tests.simulation.settings import account

CONDITIONS = Conditions(
    habits=Habits(concurrency=2, batch=10, window=0.5, warm=1.0, skew=2.0, stream_tries=3),
    chunk=STATEMENTS_PER_CALL,
    index_lag=0.0,
    chaos=900.0,
)


def canonical() -> Scenario:
    ann = Person(customer_id=1001, email="canary.person.1@customer.example", known_from=0.0)
    bob = Person(customer_id=1002, email="canary.person.2@customer.example", known_from=20.0)
    return Scenario(
        programs=programs(),
        accounts={
            name: account(
                name,
                batch_max=200,
                lookup=lookup,
                item_errors_trusted=False,
                envelope=None,
            )
            for name, lookup in (
                ("north", Lookup.TRACKING_CODE),
                ("south", Lookup.CUSTOMER_AND_OFFER),
            )
        },
        people=(ann, bob),
        sign_ups=(
            SignUp(
                signup_id="signup-1",
                customer_id=ann.customer_id,
                email=None,
                consents=(),
                born=None,
                shop="north",
                times=(1.0,),
                wrapped=True,
            ),
            SignUp(
                signup_id="signup-2",
                customer_id=None,
                email=bob.email,
                consents=("marketing",),
                born="1990-05-05",
                shop="south",
                times=(1.0,),
                wrapped=True,
            ),
        ),
        # Rejected: its event is the one that goes through the stream.
        garbage=((1.0, GARBAGE[4]),),
    )


def run_plan(plan: dict[int, str]) -> Report:
    """Run the canonical scenario under exactly these faults."""
    return simulate(
        canonical(), CONDITIONS, seed="canonical", faults=Planned(plan, kinds=ALL_KINDS)
    )


def crash_points(report: Report, *, after: int = 0) -> list[int]:
    """Return the calls of a run, later than `after`, at which a process can crash."""
    return [
        number
        for number, name in enumerate(report.names, start=1)
        if number > after and CRASH_BEFORE in ALL_KINDS[name]
    ]
