"""A harness with the simulated Uniqodo and Koupon, and their watched customers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from couponbus.aws.clients import Clients
from couponbus_sandbox.coniq import ConiqSandbox
from couponbus_sandbox.koupon import Access, KouponSandbox, KouponSettings, koupon_server
from couponbus_sandbox.koupon.world import Offer
from couponbus_sandbox.uniqodo import (
    ONE_USE,
    THREE_USES,
    NewRedemption,
    NewUser,
    Promotion,
    UniqodoKey,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from functions.poll_redemptions.handler import handler as poll_redemptions
from functions.schedule_polls.handler import handler as schedule_polls
from tests.canary import planted
from tests.canary.harness import NOTHING, CanaryHarness, records_of
from tests.canary.observer import Observer
from tests.canary.planted import Person
from tests.canary.stage import ACCOUNT, a_stage, at_work, polled_at
from tests.functions.invocation import FakeContext

TWICE, ONCE, SCARCE = 1281, 1282, 1283
POLL_TIMEOUT = 120_000  # milliseconds
LAST_DAY = "31-12-2039 23:59:59"

UNIQODO = UniqodoSettings(
    accounts=(UniqodoKey(name=ACCOUNT, api_key=planted.UNIQODO_KEY),),
    promotions=(
        Promotion(
            promotion_id=THREE_USES,
            offer_id=4884,
            redemption_per_code=3,
            master_code=planted.MASTER_CODE,
            code_remaining=50,
            end_date=LAST_DAY,
            code_validity_days=30,
        ),
        Promotion(
            promotion_id=ONE_USE,
            offer_id=4883,
            master_code=planted.MASTER_CODE,
            end_date=LAST_DAY,
        ),
    ),
    histories=(),
)
KOUPON = KouponSettings(
    accounts=(
        Access(name=ACCOUNT, identifier=planted.KOUPON_IDENTIFIER, secret=planted.KOUPON_SECRET),
    ),
    offers=(
        Offer(offer_id=TWICE, redemption_limit=9),
        Offer(offer_id=ONCE),
        Offer(offer_id=SCARCE, stock=30),
    ),
    stores=(),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """Both simulators, running."""

    uniqodo: UniqodoSandbox
    koupon: KouponSandbox


@contextmanager
def running_providers() -> Iterator[Providers]:
    """Start both; each test begins with their initial state."""
    with uniqodo_server(UNIQODO) as uniqodo, koupon_server(KOUPON) as koupon:
        yield Providers(uniqodo=uniqodo, koupon=koupon)


class PollingCanaryHarness(CanaryHarness):
    """A harness whose customers are watched at providers that answer."""

    def __init__(
        self, *, clients: Clients, coniq: ConiqSandbox, observer: Observer, providers: Providers
    ) -> None:
        super().__init__(clients=clients, coniq=coniq, observer=observer)
        self.uniqodo = providers.uniqodo
        self.koupon = providers.koupon
        self._synced = timedelta()
        self._is_planned = False

    def customer(self) -> Person:
        """Return a new customer who has codes of both promotions."""
        self._sync_clocks()
        person = self.person()
        self.uniqodo.add_users(
            *(
                NewUser(
                    promotion_id=promotion,
                    user_id=person.uniqodo_user,
                    code=person.code(serial),
                )
                for serial, promotion in enumerate((THREE_USES, ONE_USE))
            )
        )
        return person

    def redeem(
        self,
        person: Person,
        *,
        promotion: str = THREE_USES,
        record: Mapping[str, object] = NOTHING,
    ) -> int:
        """Redeem at Uniqodo for a customer, and return the redemption's number."""
        fields = {
            "order_id": planted.ORDER,
            "custom_params": json.dumps({"p1": person.parameter}),
            "order_value": 45,
            **record,
        }
        self._sync_clocks()
        (done,) = self.uniqodo.redeem(
            NewRedemption(promotion_id=promotion, user_id=person.uniqodo_user, record=fields)  # type: ignore[arg-type]
        )
        number = done["id"]
        assert isinstance(number, int)
        return number

    def watched(self, *people: Person) -> None:
        """Sign these up, and make their first polls."""
        self.issue(*map(self.sign_up_of, people))
        self.work_off()

    def naming(self, *people: Person, program: str = "welcome") -> str:
        """Return the command to watch these customers."""
        customers = [
            {
                "reference": f"known-{person.number}",
                "email": planted.EMAIL,
                "uniqodo_user_id": person.uniqodo_user,
                "koupon_consumer": person.koupon_consumer,
            }
            for person in people
        ]
        return json.dumps({"type": "WatchCustomers", "program": program, "customers": customers})

    def tick(self) -> None:
        self._is_planned = True
        self.run_observed(lambda: schedule_polls({}, FakeContext()))

    def plan(self, *, hours: float = 1.0) -> None:
        """Let time pass until every watch is due, and enqueue the polls."""
        if not self._is_planned:
            self.tick()  # the very first tick plans only some minutes
        self.clock.sleep(hours * 3600)
        self.tick()

    def poll(self, *bodies: str) -> None:
        """Handle these messages of the queue of polls."""
        self._sync_clocks()
        context = FakeContext(milliseconds=POLL_TIMEOUT)
        records = records_of(bodies)
        self.run_observed(lambda: poll_redemptions({"Records": records}, context))  # type: ignore[typeddict-item]

    def work_off(self) -> None:
        """Handle what waits in the queue of polls."""
        self.poll(*self.taken("POLLS_QUEUE_URL"))

    def run(self, *, hours: float = 1.0) -> None:
        """Poll every watch, and publish."""
        self.plan(hours=hours)
        self.work_off()
        self.stream()

    def poll_again(self) -> None:
        """Have the sweeper enqueue the watches to be polled again, and publish."""
        self.sweep()
        self.work_off()
        self.stream()

    def point_providers_at(
        self, monkeypatch: pytest.MonkeyPatch, url: str = "", *, calls_per_day: int | None = None
    ) -> None:
        """Start cold, with both providers at `url`, or at their own addresses."""
        for name, sandbox in (("uniqodo", self.uniqodo), ("koupon", self.koupon)):
            accounts = polled_at(url or sandbox.url, secret=name, calls_per_day=calls_per_day)
            monkeypatch.setenv(f"{name.upper()}_ACCOUNTS", accounts)
        self.restart()

    def published_types(self) -> set[str]:
        """Return the types of all events so far."""
        return set(self.events())

    def events(self) -> list[str]:
        """Return the type of each event so far."""
        sent = [json.loads(text)["Entries"] for text in self.observer.seen["events"]]
        return [entry["DetailType"] for entries in sent for entry in entries]

    def _sync_clocks(self) -> None:
        """Advance the providers' clocks to the product's: one of them checks signatures by it."""
        ahead = self.clock.ahead
        for sandbox in (self.uniqodo, self.koupon):
            sandbox.advance_clock(seconds=(ahead - self._synced).total_seconds())
        self._synced = ahead


@contextmanager
def a_polling_harness(
    monkeypatch: pytest.MonkeyPatch, clients: Clients, providers: Providers
) -> Iterator[PollingCanaryHarness]:
    """Set one up; Coniq is not part of its faults, and has time to answer."""
    providers.uniqodo.reset()
    providers.koupon.reset()
    with a_stage(monkeypatch, clients) as (coniq, observer):
        harness = PollingCanaryHarness(
            clients=clients, coniq=coniq, observer=observer, providers=providers
        )
        monkeypatch.setenv("POST_SECONDS", "5")
        with at_work(harness, monkeypatch):
            harness.point_providers_at(monkeypatch)
            yield harness
