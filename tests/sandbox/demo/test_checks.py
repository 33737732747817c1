"""The demo detects each way in which couponbus could break its promises."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from rich.console import Console

from couponbus_sandbox.demo.checks import checked, posts_max
from couponbus_sandbox.demo.facts import Facts
from couponbus_sandbox.demo.table import figures, promises
from tests.sandbox.demo.facts import BARCODES, FACTS, LOAD

CUSTOMER = min(LOAD.owed)


def broken(facts: Facts) -> Mapping[str, int]:
    return {check.promise: check.broken for check in checked(facts) if check.broken}


def test_no_promise_is_broken_when_all_is_well() -> None:
    assert broken(FACTS) == {}


@pytest.mark.parametrize(
    ("promise", "facts"),
    [
        (
            "no customer has two barcodes",
            replace(FACTS, provider={**FACTS.provider, CUSTOMER: (BARCODES[CUSTOMER], "other")}),
        ),
        (
            "each customer has the barcode that the ledger names",
            replace(FACTS, ledger={**FACTS.ledger, CUSTOMER: "another"}),
        ),
        (
            "each customer has the barcode that the ledger names",
            replace(FACTS, ledger={k: v for k, v in BARCODES.items() if k != CUSTOMER}),
        ),
        ("no other customer has one", replace(FACTS, provider={**FACTS.provider, 1: ("stray",)})),
        (
            "each barcode is published, under one event id",
            replace(FACTS, published={**FACTS.published, CUSTOMER: Counter(a=1, b=1)}),
        ),
        (
            "each barcode is published, under one event id",
            replace(FACTS, published={**FACTS.published, CUSTOMER: Counter()}),
        ),
        ("each bad sign-up is in quarantine", replace(FACTS, quarantined=LOAD.bad - 1)),
        (
            "each bad sign-up with a readable id is published as rejected",
            replace(FACTS, rejected=frozenset()),
        ),
        ("every queue is empty", replace(FACTS, left_over={"signups-dead": 1})),
        ("Coniq is called with full batches", replace(FACTS, posts=(1,) * 4)),
    ],
)
def test_a_broken_promise_is_named_and_no_other_is(promise: str, facts: Facts) -> None:
    assert broken(facts).keys() == {promise}


def test_an_event_that_is_delivered_twice_breaks_nothing() -> None:
    twice = {customer: Counter(dict.fromkeys(ids, 2)) for customer, ids in FACTS.published.items()}

    assert broken(replace(FACTS, published=twice)) == {}


def test_each_call_that_failed_allows_one_more_for_each_collector() -> None:
    assert posts_max(FACTS) == 3
    assert posts_max(replace(FACTS, failed_posts=2)) == 7


def test_each_collector_may_have_a_batch_that_is_not_full() -> None:
    assert posts_max(replace(FACTS, collectors=5)) == 5


def test_the_table_shows_the_figures_and_names_what_is_broken() -> None:
    console = Console(width=100)
    spoilt = replace(FACTS, quarantined=LOAD.bad - 1)

    with console.capture() as shown:
        console.print(figures(spoilt, phases={"issuing": 12.34}), promises(checked(spoilt)))

    lines = [" ".join(line.split()) for line in shown.get().splitlines()]
    assert f"barcodes owed {len(LOAD.owed)} one for each customer and offer" in lines
    assert "Coniq POSTs 2 at most 3" in lines
    assert "seconds issuing 12.3" in lines
    assert "each bad sign-up is in quarantine BROKEN 1 x" in lines
    assert "no customer has two barcodes kept" in lines
