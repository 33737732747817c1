"""What the demo sends."""

import json
from collections import Counter

import pytest

from couponbus_sandbox.demo.__main__ import main
from couponbus_sandbox.demo.faults import CALLS_PER_ROUND, make_faults
from couponbus_sandbox.demo.load import make_load
from couponbus_sandbox.simulator.faults import FaultKind


def test_a_tenth_signs_up_twice_and_a_hundredth_is_bad() -> None:
    load = make_load(sign_ups=1000, seed=3)

    assert (len(load.details), load.duplicates, load.bad) == (1000, 100, 10)
    assert len(load.owed) == 890
    assert set(load.customer_of.values()) == load.owed


def test_duplicates_come_under_the_same_id_and_under_a_new_one() -> None:
    load = make_load(sign_ups=100, seed=3)
    good = [json.loads(each) for each in load.details if "signup-" in each]
    ids = Counter(each["signup_id"] for each in good)

    assert sum(times - 1 for times in ids.values()) == load.duplicates / 2
    assert len(ids) - len(load.owed) == load.duplicates / 2


def test_the_same_seed_sends_the_same_and_another_seed_does_not() -> None:
    first, again, other = (make_load(sign_ups=100, seed=seed) for seed in (3, 3, 4))

    assert first == again
    assert first.details != other.details


def test_the_rejection_of_some_bad_sign_ups_can_be_published_and_of_some_it_cannot() -> None:
    load = make_load(sign_ups=1000, seed=3)

    assert 0 < len(load.refused) < load.bad


def test_every_five_calls_meet_each_kind_of_fault_once() -> None:
    rules = make_faults(sign_ups=2000, seed=3)

    kinds = Counter(rule.kind for rule in rules)
    assert kinds == dict.fromkeys(
        (FaultKind.COMMIT_THEN_DROP, FaultKind.RATE_LIMITED, FaultKind.SERVER_ERROR), 2
    )
    assert {rule.after // CALLS_PER_ROUND for rule in rules} == {0, 1}
    assert len({rule.after for rule in rules}) == len(rules)


def test_some_customers_are_known_at_uniqodo_others_at_koupon_also_if_they_sign_up_twice() -> None:
    load = make_load(sign_ups=1000, seed=3)
    sign_ups = [json.loads(each) for each in load.details if '"signup-' in each]

    names: dict[str, set[tuple[int, str]]] = {"uniqodo": set(), "koupon": set(), "none": set()}
    for each in sign_ups:
        customer = each["customer"]
        known = customer.get("uniqodo_user_id") or customer.get("koupon_consumer") or ""
        names[each["attributes"]["watched_at"]].add((customer["coniq_customer_id"], known))
    assert names["uniqodo"] == set(load.users.items())
    assert names["koupon"] == set(load.consumers.items())
    assert (len(load.users), len(load.consumers), len(names["none"])) == (40, 30, 820)


@pytest.mark.parametrize(
    "arguments", [("--days", "0"), ("--days", "31"), ("--days", "a week"), ("--sign-ups", "0")]
)
def test_a_size_that_makes_no_sense_is_refused(arguments: tuple[str, str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
