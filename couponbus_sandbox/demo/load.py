"""What the demo sends: new customers, repeated sign-ups, and unusable ones."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DUPLICATES_PER_HUNDRED = 10
BAD_PER_HUNDRED = 1
FIRST_CUSTOMER = 100_001
AT_UNIQODO, AT_KOUPON = 40, 30
OCCURRED_AT = "2026-01-31T12:00:00Z"
TOO_DEEP = 60
TOO_LONG = 70_000

type Json = Mapping[str, object]
type Answer = Literal["published", "silent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The details of the events in the order of sending, and their expected outcomes.

    `owed` are the customers who get one barcode each, `customer_of` has the customer of a sign-up,
    `refused` are the ids of bad sign-ups that are published as rejected. `users` and `consumers`
    are the watched customers, with their names at Uniqodo and Koupon.
    """

    details: tuple[str, ...]
    owed: frozenset[int]
    customer_of: Mapping[str, int]
    duplicates: int
    bad: int
    refused: frozenset[str]
    users: Mapping[int, str]
    consumers: Mapping[int, str]

    def signed_up_at(self, moment: datetime) -> Sequence[str]:
        """Return the details of sign-ups that are made now: what was redeemed before is no news."""
        return [detail.replace(OCCURRED_AT, moment.isoformat()) for detail in self.details]


def make_load(*, sign_ups: int, seed: int) -> Load:
    """Return as many sign-ups, 10 % of them duplicates and 1 % bad; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    bad = round(sign_ups * BAD_PER_HUNDRED / 100)
    duplicates = round(sign_ups * DUPLICATES_PER_HUNDRED / 100)
    customers = range(FIRST_CUSTOMER, FIRST_CUSTOMER + sign_ups - bad - duplicates)
    at_uniqodo = customers[: min(AT_UNIQODO, (len(customers) + 1) // 2)]
    at_koupon = customers[len(at_uniqodo) :][:AT_KOUPON]
    users = {customer: f"{customer}@customer.example" for customer in at_uniqodo}
    consumers = {customer: f"consumer-{customer}" for customer in at_koupon}
    firsts = [(f"signup-{customer}", customer) for customer in customers]
    good = [*firsts, *_again(chance.sample(customers, duplicates))]
    wrong = [_bad(number) for number in range(bad)]
    details = [
        json.dumps(sign_up_of(*each, user=users.get(each[1]), consumer=consumers.get(each[1])))
        for each in good
    ]
    details += [json.dumps(detail) for detail, _ in wrong]
    chance.shuffle(details)
    return Load(
        details=tuple(details),
        owed=frozenset(customers),
        customer_of=dict(good),
        duplicates=duplicates,
        bad=bad,
        refused=frozenset(
            str(detail["signup_id"]) for detail, answer in wrong if answer == "published"
        ),
        users=users,
        consumers=consumers,
    )


def sign_up_of(
    signup_id: str, customer: int, *, user: str | None = None, consumer: str | None = None
) -> Json:
    """Return the detail of a sign-up, of a watched customer if there is a name."""
    names = {"uniqodo_user_id": user, "koupon_consumer": consumer}
    known = {name: value for name, value in names.items() if value is not None}
    watched_at = "uniqodo" if user else "koupon" if consumer else "none"
    return {
        "signup_id": signup_id,
        "occurred_at": OCCURRED_AT,
        "customer": {"coniq_customer_id": customer, **known},
        "attributes": {"shop": "demo", "watched_at": watched_at},
    }


def _again(customers: list[int]) -> Iterator[tuple[str, int]]:
    """Yield second sign-ups: alternately the same event, and a new one of the same customer."""
    for number, customer in enumerate(customers):
        suffix = "-again" if number % 2 else ""
        yield f"signup-{customer}{suffix}", customer


def _bad(number: int) -> tuple[Json, Answer]:
    """Return a sign-up that is wrong in one of six ways, and whether its rejection is published."""
    signup_id = f"bad-{number}"
    good = sign_up_of(signup_id, 1)
    deep: object = "end"
    for _ in range(TOO_DEEP):
        deep = [deep]
    kinds: tuple[tuple[Json, Answer], ...] = (
        ({**good, "customer": "not an object"}, "published"),
        ({**good, "occurred_at": "2126-01-31T12:00:00Z"}, "published"),
        ({"signup_id": signup_id, "occurred_at": OCCURRED_AT}, "published"),
        ({**good, "signup_id": f"{signup_id}\x00"}, "silent"),
        ({**good, "attributes": {"deep": deep}}, "silent"),
        ({**good, "attributes": {"long": "x" * TOO_LONG}}, "silent"),
    )
    return kinds[number % len(kinds)]
