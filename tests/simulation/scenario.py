"""Sign-ups and customers: the input of a run, drawn by its seed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from couponbus.domain.identity import issuance_id, resolution_id
from couponbus.domain.issuing.account import Account, Lookup
from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.issuing.issuance import issuance_key
from couponbus.domain.issuing.program import Program
from couponbus.domain.issuing.resolution import resolution_key
from tests.simulation.settings import account
from tests.simulation.world import BEGIN

TENANT = "acme"
CANARY = "canary.person"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """One sign-up; the same one may be delivered several times, at `times`."""

    signup_id: str
    customer_id: int | None
    email: str | None
    consents: tuple[str, ...]
    born: str | None
    shop: str
    times: tuple[float, ...]
    wrapped: bool

    @property
    def body(self) -> str:
        customer: dict[str, object] = {}
        if self.customer_id is not None:
            customer["coniq_customer_id"] = self.customer_id
        if self.email is not None:
            customer["email"] = self.email
        if self.born is not None:
            customer["birth_date"] = self.born
        detail = {
            "signup_id": self.signup_id,
            "occurred_at": (BEGIN + timedelta(seconds=self.times[0])).isoformat(),
            "tenant": TENANT,
            "customer": customer,
            "consents": self.consents,
            "attributes": {"shop": self.shop},
        }
        if not self.wrapped:
            return json.dumps(detail)
        event = {"id": f"event {self.signup_id}", "source": "shop"}
        return json.dumps({**event, "detail-type": "CustomerSignedUp", "detail": detail})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer known to Coniq from a time on (None: never), or refused by it.

    With `shares_email` another Coniq customer has the very same e-mail.
    """

    customer_id: int
    email: str
    known_from: float | None
    blocked: bool = False
    poison: bool = False
    form_at: float | None = None
    shares_email: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """The input of a run."""

    programs: Sequence[Program]
    accounts: dict[str, Account]
    people: Sequence[Person]
    sign_ups: Sequence[SignUp]
    garbage: Sequence[tuple[float, str]] = ()
    shows_tracking_codes: bool = True
    rotations: Sequence[tuple[float, str]] = field(default_factory=tuple)

    def wanted(self, sign_up: SignUp) -> list[Program]:
        return [one for one in self.programs if sign_up.shop in SHOPS[one.name]]

    def person_of(self, sign_up: SignUp) -> Person | None:
        for person in self.people:
            if sign_up.customer_id == person.customer_id or (
                sign_up.customer_id is None and sign_up.email == person.email
            ):
                return person
        return None


SHOPS = {
    "north-welcome": ("north", "both"),
    "north-app": ("app",),
    "north-news": ("news", "both"),
    "south-club": ("south", "both"),
}
ALL_SHOPS = ("north", "south", "both", "app", "news", "nowhere")
CROWDED = ("south", "news")
GARBAGE = (
    "no json",
    '{"signup_id": "a", "signup_id": "b"}',
    '{"detail-type": "SomethingElse", "detail": {}}',
    '{"signup_id": "bad-1", "customer": {"email": "' + CANARY + '@wrong"}}',
    '{"signup_id": "bad-2", "occurred_at": 12, "customer": 12}',
    '{"type": "ContinueWork", "keys": []}',
    '{"signup_id": NaN}',
    "[" * 3000,
    '{"signup_id": "bad-\\ud800", "customer": {}}',
)


def program(
    name: str, *, offer_id: int, precheck: bool = False, until: float | None = None
) -> Program:
    south = name.startswith("south")
    return Program(
        name=name,
        pattern={"detail": {"attributes": {"shop": list(SHOPS[name])}}},
        account=name.split("-", maxsplit=1)[0],
        offer_id=offer_id,
        channel=Channel.MOBILE if name == "north-app" else Channel.MAIL,
        tracking_prefix={"north-app": "app-", "south-club": "cb-"}.get(name, ""),
        required_consents=("marketing",) if name in ("south-club", "north-news") else (),
        minimum_age=18 if south else None,
        valid_from=None,
        valid_until=None if until is None else BEGIN + timedelta(seconds=until),
        precheck_existing=precheck,
    )


def programs(*, news_until: float | None = None) -> list[Program]:
    return [
        program("north-welcome", offer_id=11),
        program("north-app", offer_id=11),
        program("north-news", offer_id=12, until=news_until),
        program("south-club", offer_id=22, precheck=True),
    ]


def issued_by(program: Program) -> tuple[str, int, Channel]:
    """Return account, offer and channel of a program that issues barcodes."""
    assert program.account is not None
    assert program.offer_id is not None
    assert program.channel is not None
    return program.account, program.offer_id, program.channel


def issuance_key_of(program: Program, customer_id: int) -> str:
    account, offer_id, _ = issued_by(program)
    return issuance_key(
        issuance_id(
            tenant=TENANT,
            account=account,
            customer_id=customer_id,
            offer_id=offer_id,
            occurrence=program.occurrence,
        )
    )


def resolution_key_of(program: Program, signup_id: str) -> str:
    return resolution_key(resolution_id(tenant=TENANT, program=program.name, signup_id=signup_id))


def drawn(seed: int | str) -> Scenario:
    """Return the scenario of a seed."""
    chance = Random(f"scenario {seed}")
    crowded = chance.random() < 0.25  # the same few people again and again
    spread = chance.choice((5.0, 40.0, 600.0)) if crowded else 200.0
    shared = Random(f"shared e-mails {seed}")  # separate, so that the rest of a seed stays as it is
    people = [
        replace(_person(chance, number), shares_email=shared.random() < 0.1)
        for number in range(chance.randint(1, 2 if crowded else 5))
    ]
    sign_ups: list[SignUp] = []
    for person in people:
        for _ in range(chance.randint(2, 5) if crowded else chance.choice((1, 1, 1, 2, 3))):
            sign_ups.append(
                _sign_up(chance, person, len(sign_ups), spread, CROWDED if crowded else ALL_SHOPS)
            )
    garbage = [
        (chance.uniform(0, 200), chance.choice(GARBAGE))
        for _ in range(chance.choice((0, 0, 0, 1, 3)))
    ]
    trusted = chance.random() < 0.3
    batch = chance.choice((2, 3, 5, 200))
    return Scenario(
        programs=programs(news_until=chance.uniform(20, 400) if chance.random() < 0.2 else None),
        accounts={
            "north": account(
                "north",
                batch_max=batch,
                lookup=Lookup.TRACKING_CODE,
                item_errors_trusted=False,
                envelope=None,
            ),
            "south": account(
                "south",
                batch_max=batch,
                lookup=Lookup.CUSTOMER_AND_OFFER,
                item_errors_trusted=trusted,
                envelope="barcodes",
            ),
        },
        people=people,
        sign_ups=sign_ups,
        garbage=garbage,
        shows_tracking_codes=chance.random() < 0.85,
        rotations=[(chance.uniform(0, 500), "north")] if chance.random() < 0.2 else (),
    )


def _person(chance: Random, number: int) -> Person:
    kind = chance.random()
    known = chance.random()
    return Person(
        customer_id=1001 + number,
        email=f"{CANARY}.{number}@customer.example",
        known_from=0.0 if known < 0.6 else chance.uniform(0, 900) if known < 0.85 else None,
        blocked=kind < 0.1,
        poison=0.1 <= kind < 0.17,
        form_at=chance.uniform(-100, 300) if chance.random() < 0.25 else None,
    )


def _sign_up(
    chance: Random, person: Person, number: int, spread: float, shops: Sequence[str]
) -> SignUp:
    identified = chance.random()
    first = chance.uniform(0, spread)
    copies = chance.choice((1, 1, 1, 2, 3))
    return SignUp(
        signup_id=f"signup-{number}",
        customer_id=person.customer_id if identified < 0.65 else None,
        email=person.email if identified > 0.5 and identified < 0.97 else None,
        consents=("marketing",) if chance.random() < 0.6 else (),
        born=chance.choice(("1990-05-05", "1990-05-05", "1990-05-05", "2015-01-01", None)),
        shop=chance.choice(shops),
        times=tuple(sorted(first + chance.expovariate(0.02) * index for index in range(copies))),
        wrapped=chance.random() < 0.5,
    )
