"""Watched customers, what they do, and the messages: the input of a run of polling."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from couponbus.domain.identity import customer_ref
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.poll_policy import PollPolicy, WatchRule
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_id_of, watch_key
from couponbus.domain.provider import Provider
from couponbus.events.commands import (
    ContinueWork,
    EndWatches,
    WatchCustomers,
    WatchedCustomer,
)
from tests.simulation.polling.truth import Place, Truth
from tests.simulation.ports import PEPPER

TENANT = "acme"
NORTH, SOUTH = "north", "south"
REST = 600.0  # seconds
MIDNIGHT = 12 * 3600.0
CAP = 300  # half of it: no cadence pauses for longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer, under names that must not leak."""

    number: int

    @property
    def user(self) -> str:
        return f"canary.user.{self.number}"

    @property
    def consumer(self) -> str:
        return f"canary.consumer.{self.number}"

    @property
    def names(self) -> tuple[str, str]:
        return self.user, self.consumer


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The input of a run; it starts at `begins`, `messages` are bodies with their times.

    `live` are sign-ups that begin watches themselves; at the `new` places customers had nothing
    before theirs. In its outage a provider answers nothing.
    """

    begins: float
    programs: Sequence[Program]
    accounts: Sequence[PollAccount]
    people: Sequence[Person]
    truths: Sequence[Truth]
    messages: Sequence[tuple[float, str]]
    garbage: int = 0
    live: Sequence[tuple[float, str]] = ()
    new: frozenset[Place] = frozenset()
    outages: Mapping[Provider, tuple[float, float]] = field(default_factory=dict)

    def account_of(self, watch: Watch) -> PollAccount:
        wanted = (watch.provider, watch.account)
        return next(one for one in self.accounts if (one.provider, one.name) == wanted)

    def program(self, name: str) -> Program:
        return next(one for one in self.programs if one.name == name)

    @property
    def last_event(self) -> float:
        """The time of the last event that the product does not cause."""
        changes = [at for truth in self.truths for at in truth.changes()]
        if any(account.calls_per_day is not None for account in self.accounts):
            changes.append(MIDNIGHT)
        changes += [ends for _, ends in self.outages.values()]
        sent = (at for at, _ in (*self.messages, *self.live))
        return max([*changes, *sent], default=self.begins)

    def sign_ups_of(self, person: Person) -> list[tuple[float, str]]:
        """Return the messages that begin the watches of a person."""
        return [one for one in self.messages if _signs_up(person, one[1])]


def promotion_order(poll_policy: PollPolicy, *, grace: int, warn_days: int | None) -> WatchRule:
    return WatchRule(
        provider=Provider.UNIQODO,
        account=NORTH,
        promotion="promotion",
        poll_policy=poll_policy,
        grace_seconds=grace,
        warn_days=warn_days,
    )


def consumer_order(poll_policy: PollPolicy, *, warn_days: int | None) -> WatchRule:
    return WatchRule(
        provider=Provider.KOUPON,
        account=SOUTH,
        promotion=None,
        poll_policy=poll_policy,
        grace_seconds=0,
        warn_days=warn_days,
    )


def program_of(name: str, *watches: WatchRule) -> Program:
    return Program(
        name=name,
        pattern={"detail": {"attributes": {"shop": [name]}}},
        account=None,
        offer_id=None,
        channel=None,
        tracking_prefix="",
        required_consents=(),
        minimum_age=None,
        valid_from=None,
        valid_until=None,
        precheck_existing=False,
        watches=watches,
    )


def places_of(person: Person, program: Program) -> Iterator[Place]:
    """Yield the places that are watched for a person who signs up to a program."""
    for order in program.watches:
        name = person.user if order.provider is Provider.UNIQODO else person.consumer
        yield order.provider, order.account, order.promotion, name


def key_of(place: Place) -> str:
    """Return the ledger key of the watch."""
    provider, account, promotion, user_id = place
    return watch_key(
        watch_id_of(
            provider=provider,
            account=account,
            promotion=promotion,
            user_ref=customer_ref(pepper=PEPPER, tenant=TENANT, customer=f"{provider}:{user_id}"),
        )
    )


def sign_up(person: Person, program: str, *, reference: str) -> str:
    """Return the message that begins the watches of a person."""
    customer = WatchedCustomer(
        reference=reference, uniqodo_user_id=person.user, koupon_consumer=person.consumer
    )
    command = WatchCustomers(program=program, tenant=TENANT, customers=(customer,))
    return command.model_dump_json()


def _signs_up(person: Person, body: str) -> bool:
    return '"WatchCustomers"' in body and f'"{person.user}"' in body


def ending(keys: Sequence[str], *, reason: str) -> str:
    """Return the message that ends watches."""
    return EndWatches.model_validate({"reason": reason, "keys": keys}).model_dump_json()


def hint(keys: Sequence[str]) -> str:
    """Return the hint that has watches polled now."""
    return ContinueWork(keys=tuple(keys)).model_dump_json()
