"""Which call meets which fault: count, rate, order, route, account, customer."""

import pytest

from couponbus_sandbox.coniq.api import ConiqApi
from couponbus_sandbox.coniq.settings import ConiqSettings
from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.exchange import Call
from couponbus_sandbox.simulator.faults import FaultKind, FaultRule, Faults

API = ConiqApi(settings=ConiqSettings(), clock=Clock())
KEY = 'ApiKey key="test-key-not-real"'


def a_call(route: str = "POST /barcode/batch", *, body: bytes = b"[]", key: str = KEY) -> Call:
    method, _, path = route.partition(" ")
    return Call(method=method, path=path, headers={"authorization": key}, query=(), body=body)


def firings(rule: FaultRule, calls: list[Call]) -> list[bool]:
    faults = Faults()
    faults.add([rule])
    return [faults.choose(call, api=API) is not None for call in calls]


def a_500(**how: object) -> FaultRule:
    return FaultRule(kind=FaultKind.SERVER_ERROR, **how)  # type: ignore[arg-type]


def test_a_rule_without_limits_fires_for_each_call() -> None:
    assert firings(a_500(), [a_call(), a_call("GET /barcode")]) == [True, True]


def test_a_rule_lets_after_calls_pass_and_then_fires_count_times() -> None:
    rule = a_500(after=2, count=2)

    assert firings(rule, [a_call()] * 6) == [False, False, True, True, False, False]


def test_a_rate_is_repeatable_by_seed() -> None:
    calls = [a_call()] * 400
    first = firings(a_500(rate=0.25, seed=1), calls)

    assert first == firings(a_500(rate=0.25, seed=1), calls)
    assert first != firings(a_500(rate=0.25, seed=2), calls)
    assert 60 <= sum(first) <= 140


@pytest.mark.parametrize(("rate", "times"), [(0.0, 0), (1.0, 50)])
def test_a_rate_of_nothing_never_fires_and_of_one_always(rate: float, times: int) -> None:
    assert sum(firings(a_500(rate=rate), [a_call()] * 50)) == times


@pytest.mark.parametrize(
    ("matcher", "hits"),
    [
        ("POST /barcode", [False, True, False, False]),
        ("POST *", [True, True, False, True]),
        ("GET *", [False, False, True, False]),
        ("POST /signup/{hash}.json", [False, False, False, True]),
        ("*", [True, True, True, True]),
        ("PUT /barcode", [False, False, False, False]),
    ],
)
def test_a_route_restricts_a_rule(matcher: str, hits: list[bool]) -> None:
    routes = ["POST /barcode/batch", "POST /barcode", "GET /barcode", "POST /signup/abc1234.json"]

    assert firings(a_500(route=matcher), [a_call(route) for route in routes]) == hits


@pytest.mark.parametrize("kind", ["k_of_n", "short", "reordered", "duplicated", "foreign"])
def test_a_fault_of_a_batch_is_about_the_batch_unless_a_route_is_given(kind: str) -> None:
    calls = [a_call("POST /barcode/batch"), a_call("GET /barcode")]

    assert firings(FaultRule(kind=FaultKind(kind)), calls) == [True, False]
    assert firings(FaultRule(kind=FaultKind(kind), route="GET *"), calls) == [False, True]


def test_an_account_restricts_a_rule() -> None:
    calls = [a_call(), a_call(key='ApiKey key="other"')]

    assert firings(a_500(account="main"), calls) == [True, False]


@pytest.mark.parametrize(
    ("body", "hit"),
    [
        (b'[{"customer_id": 7}]', True),
        (b'[{"customer_id": 8}, {"customer_id": "7"}]', True),
        (b'[{"customer_id": 70}, {"customer_id": null}, 7]', False),
        (b'{"customer_id": 7}', False),
        (b"not json", False),
    ],
)
def test_a_customer_restricts_a_rule_to_the_batches_that_carry_it(body: bytes, hit: bool) -> None:
    assert firings(a_500(customer_id=7), [a_call(body=body)]) == [hit]


def test_a_customer_is_found_in_a_single_post_and_not_in_a_lookup() -> None:
    body = b'{"customer_id": 7}'
    calls = [a_call("POST /barcode", body=body), a_call("GET /barcode", body=body)]

    assert firings(a_500(customer_id=7), calls) == [True, False]


def test_the_first_of_the_rules_that_want_a_call_gets_it_and_the_others_still_count_it() -> None:
    faults = Faults()
    faults.add([a_500(count=1), FaultRule(kind=FaultKind.RATE_LIMITED, after=1)])

    chosen = [faults.choose(a_call(), api=API) for _ in range(2)]

    kinds = [armed.rule.kind for armed in chosen if armed is not None]
    assert kinds == [FaultKind.SERVER_ERROR, FaultKind.RATE_LIMITED]
    assert faults.fired == {"500": 1, "429": 1}
    assert [report["seen"] for report in faults.report()] == [2, 2]


def test_cleared_rules_do_not_fire_but_their_count_stays_until_the_reset() -> None:
    faults = Faults()
    faults.add([a_500()])
    faults.choose(a_call(), api=API)

    faults.clear()

    assert faults.choose(a_call(), api=API) is None
    assert faults.fired == {"500": 1}
    faults.reset()
    assert faults.fired == {}


def test_a_poison_rule_needs_its_customer() -> None:
    with pytest.raises(ValueError, match="customer_id"):
        FaultRule(kind=FaultKind.POISON)
