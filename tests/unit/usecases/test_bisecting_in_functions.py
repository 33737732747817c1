"""One bad item among many is found by bisection, and no other item fails with it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from couponbus.domain.issuing.issuance import Issuance, IssuanceState
from tests import factories
from tests.unit.usecases.world import BRAND, World, message

CYCLES = 60
# All look-ups of a batch fit into a tick: rows that are looked up in two ticks take two POSTs.
QUICK = replace(factories.any_account(), name=BRAND, calls_per_second=10.0)


def a_batch(world: World, size: int) -> list[Issuance]:
    """Store sign-ups that wait together, as while the provider is busy."""
    world.handle(*(message(n, signup_id=f"s-{n}") for n in range(1, size + 1)), within=30)
    return world.issuances


def settle(world: World) -> None:
    for _ in range(CYCLES):
        if all(one.is_final for one in world.issuances):
            return
        world.cycle()
    raise AssertionError(f"not settled: {Counter(world.states)}")


def posted_again_although_issued(world: World) -> list[str]:
    issued: set[str] = set()
    repeated = []
    for post in world.barcodes.posts:
        codes = [request.tracking_code for request in post.requests]
        repeated += [code for code in codes if code in issued]
        if not world.barcodes.poison & set(codes):
            issued.update(codes)
    return repeated


def isolate(size: int, bad: Sequence[int]) -> World:
    world = World(accounts=[QUICK])
    batch = a_batch(world, size)
    world.barcodes.poison = {batch[index].tracking_code for index in bad}
    settle(world)
    return world


def test_one_bad_item_in_two_hundred_costs_sixteen_more_posts_and_nothing_else() -> None:
    world = isolate(200, [136])

    assert len(world.barcodes.posts) <= 1 + 16
    assert [len(post.requests) for post in world.barcodes.posts][:3] == [200, 100, 100]
    assert Counter(world.states) == {IssuanceState.ISSUED: 199, IssuanceState.REJECTED: 1}
    assert posted_again_although_issued(world) == []
    (refused,) = (one for one in world.issuances if one.state is IssuanceState.REJECTED)
    assert refused.tracking_code in world.barcodes.poison
    assert refused.reason == "http_400"


@settings(max_examples=15)
@given(st.integers(1, 24).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_wherever_the_bad_item_is_two_posts_a_halving_find_it(case: tuple[int, int]) -> None:
    size, bad = case

    world = isolate(size, [bad])

    assert len(world.barcodes.posts) <= 1 + 2 * math.ceil(math.log2(size))
    assert Counter(world.states)[IssuanceState.REJECTED] == 1
    assert Counter(world.states)[IssuanceState.ISSUED] == size - 1
    assert posted_again_although_issued(world) == []


def test_several_bad_items_are_found_together() -> None:
    bad = [0, 1, 17, 31]

    world = isolate(32, bad)

    refused = {one.tracking_code for one in world.issuances if one.reason}
    assert refused == world.barcodes.poison
    assert Counter(world.states)[IssuanceState.ISSUED] == 32 - len(bad)
    assert all(len(world.barcodes.of(one.tracking_code)) <= 1 for one in world.issuances)


def test_an_item_that_the_provider_names_takes_no_other_with_it() -> None:
    world = World()
    batch = a_batch(world, 10)
    world.barcodes.refused_items = {batch[3].tracking_code: "customer_blocked"}

    settle(world)

    assert len(world.barcodes.posts) == 1
    assert {one.reason for one in world.issuances} == {None, "customer_blocked"}
    assert Counter(world.states)[IssuanceState.ISSUED] == 9
