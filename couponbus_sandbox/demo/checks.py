"""What couponbus promises, checked on the facts of a run."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from couponbus_sandbox.demo.facts import Facts

BATCH_MAX = 200
SLACK = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A promise, and how often it was broken in this run."""

    promise: str
    broken: int


def checked(facts: Facts) -> Sequence[Check]:
    """Return every promise with its count of breaches."""
    return [Check(promise=promise, broken=count(facts)) for promise, count in PROMISES.items()]


def posts_max(facts: Facts) -> int:
    """Return how many batch calls the issuances may cost when the queue is full.

    One and a half times as many as full batches, or one for each collector if these are more. What
    failed comes again by several messages, of which each collector may have some.
    """
    full = math.floor(math.ceil(len(facts.load.owed) / BATCH_MAX) * SLACK)
    return max(full, facts.collectors) + facts.failed_posts * facts.collectors


def _duplicates(facts: Facts) -> int:
    return sum(len(numbers) - 1 for numbers in facts.provider.values())


def _losses(facts: Facts) -> int:
    """Count customers owed a barcode whose row is not ISSUED with the one that Coniq has."""
    return sum(
        facts.ledger.get(customer) not in facts.provider.get(customer, ())
        for customer in facts.load.owed
    )


def _unexpected(facts: Facts) -> int:
    return len((facts.provider.keys() | facts.ledger.keys()) - facts.load.owed)


def _unpublished(facts: Facts) -> int:
    return sum(len(facts.published.get(customer, ())) != 1 for customer in facts.load.owed)


def _not_quarantined(facts: Facts) -> int:
    return abs(facts.load.bad - facts.quarantined)


def _not_refused(facts: Facts) -> int:
    return len(facts.load.refused ^ facts.rejected)


def _left_over(facts: Facts) -> int:
    return sum(facts.left_over.values())


def _too_many_posts(facts: Facts) -> int:
    return max(0, len(facts.posts) - posts_max(facts))


PROMISES: dict[str, Callable[[Facts], int]] = {
    "no customer has two barcodes": _duplicates,
    "each customer has the barcode that the ledger names": _losses,
    "no other customer has one": _unexpected,
    "each barcode is published, under one event id": _unpublished,
    "each bad sign-up is in quarantine": _not_quarantined,
    "each bad sign-up with a readable id is published as rejected": _not_refused,
    "every queue is empty": _left_over,
    "Coniq is called with full batches": _too_many_posts,
}
