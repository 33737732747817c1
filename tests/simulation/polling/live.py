"""Live sign-ups: they begin the watches themselves, and come again until all are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from couponbus.domain.errors import LedgerUnavailable, RowsBroken, Unavailable
from couponbus.domain.identity import customer_ref
from couponbus.events.commands import WatchCustomers
from couponbus.ports.issuing import Programs
from couponbus.usecases.invocation import Invocation as Batch
from couponbus.usecases.polling.start_watches import InitialPolls, Watched, Watching
from couponbus.usecases.store import Store
from tests.simulation.functions import ErrorLog, Function, Habits
from tests.simulation.polling.process import PollingGround
from tests.simulation.polling.scenario import TENANT
from tests.simulation.ports import PEPPER, CachedPrograms, CachedPseudonyms
from tests.simulation.world import Invocation

COMES_AGAIN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUps:
    """A process that begins the watches of customers who sign up, as issuing does."""

    programs: Programs
    watching: Watching
    initial_polls: InitialPolls

    def handle(self, body: str) -> None:
        """Begin the watches. Raises Unavailable while one may be missing."""
        command = WatchCustomers.model_validate_json(body)
        program = self.programs.active().named(command.program)
        assert program is not None
        (customer,) = command.customers
        who = Watched(
            tenant=TENANT,
            program=program.name,
            signup_id=customer.reference,
            customer_ref=customer_ref(pepper=PEPPER, tenant=TENANT, customer=customer.reference),
            uniqodo_user=customer.uniqodo_user_id,
            koupon_consumer=customer.koupon_consumer,
        )
        begun = self.watching.begin(self.watching.watches_for(who, program.watches))
        run = Batch(deadline=self.watching.clock.now())
        self.initial_polls.request(begun.watches, run=run)
        if begun.unstored:
            raise LedgerUnavailable("a watch may be missing")


class LiveSignUps:
    """Brings the sign-ups at their times; `waiting` are not done yet."""

    def __init__(
        self,
        ground: PollingGround,
        errors: ErrorLog,
        habits: Habits,
        *,
        messages: Sequence[tuple[float, str]],
    ) -> None:
        self.waiting = len(messages)
        self._world = ground.world
        self._messages = messages
        self._function = Function(
            ground.world,
            errors,
            habits,
            name="sign up",
            build=partial(_process, ground),
            may_raise=(Unavailable, RowsBroken),
        )

    def begin(self) -> None:
        """Plan all of them."""
        for at, body in self._messages:
            self._world.at(at, partial(self._bring, body))

    def _bring(self, body: str) -> None:
        self._function.invoke(lambda process: process.handle(body), partial(self._ended, body))

    def _ended(self, body: str, invocation: Invocation) -> None:
        if invocation.dead or invocation.error is not None:
            self._world.after(COMES_AGAIN, partial(self._bring, body))
        else:
            self.waiting -= 1


def _process(ground: PollingGround) -> SignUps:
    base = ground.base
    return SignUps(
        programs=CachedPrograms(ground.world, ground.programs),
        watching=Watching(
            store=Store(ledger=base.ledger, ids=base.ids, clock=base.clock),
            pseudonyms=CachedPseudonyms(ground.world),
            clock=base.clock,
            timing=base.timing,
        ),
        initial_polls=InitialPolls(polls=ground.polls),
    )
