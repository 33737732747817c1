"""An answer proves only what it states: the real client in the whole product."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from couponbus.domain.issuing.account import Lookup
from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.providers.coniq.request_body import batch_body
from tests.unit.usecases.issuing.scripted_coniq import (
    BRAND_ACCOUNT,
    Item,
    Said,
    ScriptedConiq,
    ScriptedWorld,
    answers_questions,
    does_its_work,
    made_without_an_answer,
    own_words,
    replaced,
    said,
)
from tests.unit.usecases.world import TIMING, message

MANY = 20
GATEWAYS = {
    "API Gateway": {"message": "Not Found"},
    "Kong": {"message": "no Route matched with those values"},
    "Spring": {"status": 404, "error": "Not Found", "path": "/barcode"},
    "a page": b"<html>404</html>",
    "nothing": b"",
}


def in_doubt() -> ScriptedWorld:
    """Let Coniq make all barcodes and lose the answer to the first POST."""
    world = ScriptedWorld()
    world.coniq.on_post = made_without_an_answer
    world.sign_up(MANY)
    world.coniq.on_post = does_its_work
    return world


def assert_one_each(world: ScriptedWorld) -> None:
    assert world.states == [IssuanceState.ISSUED] * MANY
    assert world.coniq.most_per_customer == 1


@pytest.mark.parametrize("body", GATEWAYS.values(), ids=GATEWAYS)
def test_a_404_of_a_gateway_does_not_say_that_there_is_no_barcode(body: object) -> None:
    world = in_doubt()
    world.coniq.on_get = lambda path, criteria, coniq: said(404, body)
    world.run(minutes=15)
    world.coniq.on_get = answers_questions

    world.run(minutes=30)

    assert_one_each(world)


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "error": "upstream"},
        {"data": [], "code": 502},
        {"status": "error", "data": []},
        {"barcodes": [], "total": 1},
    ],
)
def test_an_empty_list_that_what_is_around_it_contradicts_proves_no_absence(body: object) -> None:
    world = in_doubt()
    world.coniq.on_get = lambda path, criteria, coniq: said(200, body)
    world.run(minutes=15)
    world.coniq.on_get = answers_questions

    world.run(minutes=30)

    assert_one_each(world)


def cut(item: Item) -> Item:
    return {**item, "tracking_code": item["tracking_code"][:20]}


def folded(item: Item) -> Item:
    return {**item, "tracking_code": item["tracking_code"].lower()}


def padded(item: Item) -> Item:
    return {**item, "tracking_code": item["tracking_code"] + " "}


def dropped(item: Item) -> Item:
    return {**item, "tracking_code": None}


FORMS = (cut, folded, padded, replaced, dropped)


@pytest.mark.parametrize("lookup", Lookup)
@pytest.mark.parametrize("form", FORMS)
def test_a_reference_that_comes_back_in_another_form_is_issued_once(
    form: Callable[[Item], Item], lookup: Lookup
) -> None:
    world = ScriptedWorld(account=replace(BRAND_ACCOUNT, lookup=lookup))
    world.coniq.keep = form

    world.sign_up(MANY)
    world.run(minutes=60)

    assert_one_each(world)
    assert world.coniq.posts == [MANY]


@pytest.mark.parametrize("lookup", Lookup)
@pytest.mark.parametrize("form", FORMS)
def test_a_reference_in_another_form_is_never_taken_for_an_absence(
    form: Callable[[Item], Item], lookup: Lookup
) -> None:
    world = ScriptedWorld(account=replace(BRAND_ACCOUNT, lookup=lookup))
    world.coniq.keep = form
    world.coniq.on_post = made_without_an_answer
    world.sign_up(MANY)

    world.run(minutes=60)

    assert world.coniq.most_per_customer == 1
    assert set(world.states) <= {IssuanceState.ISSUED, IssuanceState.AMBIGUOUS}


def test_a_list_that_holds_others_too_proves_no_absence() -> None:
    world = in_doubt()
    others = [
        {"barcode_number": f"99{n:012d}", "offer_id": 7, "customer_id": 900 + n} for n in range(3)
    ]

    def without_filter(path: str, criteria: Mapping[str, str], coniq: ScriptedConiq) -> Said:
        return said(200, others)  # the first three of all, for every query

    world.coniq.on_get = without_filter
    world.run(minutes=60)
    assert set(world.states) == {IssuanceState.REQUESTED}
    world.coniq.on_get = answers_questions
    world.run(minutes=30)

    assert_one_each(world)


def test_items_that_cannot_be_understood_are_not_asked_for_again() -> None:
    world = ScriptedWorld()

    def in_a_form_of_its_own(items: list[Item], coniq: ScriptedConiq) -> Said:
        made = [coniq.make({**item, "tracking_code": None, "customer_id": 0}) for item in items]
        return said(201, [{"id": one["barcode_number"]} for one in made])

    world.coniq.on_post = in_a_form_of_its_own
    world.sign_up(MANY)
    world.run(minutes=60)

    assert len(world.coniq.posts) == 1
    assert set(world.states) == {IssuanceState.AMBIGUOUS}
    assert set(world.published_types) == {"BarcodeAmbiguous"}


def test_a_success_without_a_word_never_becomes_a_refusal() -> None:
    world = ScriptedWorld()
    world.coniq.on_post = lambda items, coniq: said(200, [])

    world.sign_up(1)
    world.run(minutes=60)

    assert world.states == [IssuanceState.AMBIGUOUS]
    assert world.issuance.reason == "missing_in_answer"
    assert len(world.coniq.posts) == 3


NO_WORDS = {
    "a gateway": lambda status: said(status, {"message": "no"}),
    "a page": lambda status: said(status, b"<html>"),
    "nothing": said,
}


def refused_for_a_while(
    refusal: Callable[[int], Said], status: int, *, minutes: int
) -> ScriptedWorld:
    """Refuse each POST for some minutes, then let all succeed for an hour."""
    world = ScriptedWorld()
    world.coniq.on_post = lambda items, coniq: refusal(status)
    world.sign_up(MANY)
    world.run(minutes=minutes)
    world.coniq.on_post = does_its_work
    world.run(minutes=60)
    return world


@pytest.mark.parametrize(
    ("form", "status"), [("a gateway", 404), ("a page", 413), ("nothing", 422)]
)
def test_what_any_gateway_could_have_said_refuses_no_customer(form: str, status: int) -> None:
    """A few of each; `test_classify.py` has every status."""
    assert_one_each(refused_for_a_while(NO_WORDS[form], status, minutes=45))


@pytest.mark.parametrize(
    ("status", "minutes"), [(400, 30), (404, 8), (404, 120), (413, 30), (422, 30)]
)
def test_a_refusal_of_all_refuses_no_customer_however_long_it_lasts(
    status: int, minutes: int
) -> None:
    assert_one_each(refused_for_a_while(own_words, status, minutes=minutes))


def refuse(*unwanted: int) -> Callable[[list[Item], ScriptedConiq], Said]:
    """Refuse each call that is for one of these customers, without saying which."""

    def refuse(items: list[Item], coniq: ScriptedConiq) -> Said:
        customers = {item["customer_id"] for item in items}
        return own_words(422) if customers & {*unwanted} else None

    return refuse


def test_one_that_is_refused_alone_while_others_go_through_is_refused() -> None:
    world = ScriptedWorld()
    world.coniq.on_post = refuse(3)

    world.sign_up(MANY)
    for hour in range(4):
        world.run(minutes=30)
        world.handle(message(1000 + hour, signup_id=f"later-{hour}"))
    world.run(minutes=30)

    states = {one.customer_id: one.state for one in world.issuances}
    assert states.pop(3) is IssuanceState.REJECTED
    assert set(states.values()) == {IssuanceState.ISSUED}
    assert world.coniq.most_per_customer == 1
    assert "BarcodeAmbiguous" not in world.published_types


def test_one_that_is_refused_alone_while_there_are_no_others_is_left_to_a_human() -> None:
    world = ScriptedWorld()
    world.coniq.on_post = refuse(1)

    world.sign_up(1)
    world.run(minutes=60)
    waiting = world.states
    world.clock.pass_time(TIMING.resolve_for)
    world.run(minutes=60)

    assert waiting[0] in (IssuanceState.PENDING, IssuanceState.REQUESTED)
    assert (world.issuance.state, world.issuance.reason) == (IssuanceState.AMBIGUOUS, "status_422")


@pytest.mark.parametrize("turned_up", [0, 1])
def test_what_was_left_to_a_human_after_refusals_goes_on_with_a_later_sign_up(
    turned_up: int,
) -> None:
    world = ScriptedWorld()
    world.coniq.on_post = lambda items, coniq: own_words(404)
    world.sign_up(1)
    for _ in range(2):
        world.clock.pass_time(TIMING.resolve_for)
        world.run(minutes=60)
    assert world.states == [IssuanceState.AMBIGUOUS]
    world.coniq.on_post = does_its_work
    for _ in range(turned_up):
        request = world.issuance.request
        world.coniq.make(dict(json.loads(batch_body([request], envelope=None))[0]))

    world.sign_up(1, name="later")
    world.run(minutes=5)

    assert world.states == [IssuanceState.ISSUED]
    assert world.coniq.most_per_customer == 1


def test_a_refusal_that_names_its_request_is_a_word_against_it() -> None:
    world = ScriptedWorld()

    def named(items: list[Item], coniq: ScriptedConiq) -> Said:
        ids = {name: items[0][name] for name in ("customer_id", "offer_id")}
        return said(422, {"code": 422, "message": "no", "errors": [{"message": "blocked", **ids}]})

    world.coniq.on_post = named
    world.sign_up(1)
    world.run(minutes=10)

    assert (world.issuance.state, world.issuance.reason) == (IssuanceState.REJECTED, "status_422")
