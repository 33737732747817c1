"""A sign-up becomes one row for each program that matches it."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from couponbus.domain.identity import issuance_id
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.program import Program, Refusal
from couponbus.domain.issuing.resolution import Resolution
from couponbus.events.sign_up import CustomerSignedUp
from couponbus.usecases.issuing.enrolment import Enrolled, Enrolment, by_name
from couponbus.usecases.issuing.sign_up_messages import SignUp, sort_messages
from couponbus.usecases.messages import Message
from tests import factories
from tests.fakes.clock import NOON
from tests.fakes.pseudonyms import PlainPseudonyms

ACCOUNT, OFFER_ID = "main", 101
PROGRAM = replace(factories.any_program(), account=ACCOUNT, offer_id=OFFER_ID)


def enrolment() -> Enrolment:
    return Enrolment(pseudonyms=PlainPseudonyms(), timing=factories.any_timing())


def enrolled(program: Program = PROGRAM, *, now: datetime = NOON, **changed: object) -> Enrolled:
    event = CustomerSignedUp.model_validate(
        {
            "signup_id": "signup-1",
            "occurred_at": "2026-06-01T23:30:00+02:00",
            "customer": {"coniq_customer_id": 42},
        }
        | changed
    )
    return enrolment().enrol(SignUp(message_id="m", event=event, envelope={}), program, now=now)


def sign_up(**attributes: object) -> SignUp:
    detail = {
        "signup_id": "signup-1",
        "occurred_at": "2026-06-01T12:00:00Z",
        "customer": {},
        "attributes": attributes,
    }
    return sort_messages([Message(message_id="m", body=json.dumps(detail))], now=NOON).sign_ups[0]


def wanting(name: str, **attributes: list[object]) -> Program:
    return replace(PROGRAM, name=name, pattern={"detail": {"attributes": attributes}})


def test_several_programs_one_or_none_may_want_a_sign_up() -> None:
    programs = [wanting("a", shop=["x"]), wanting("b", shop=["x", "y"]), wanting("c", vip=[True])]
    matching = enrolment().matching

    def names(**attributes: object) -> list[str]:
        return [program.name for program in matching(sign_up(**attributes), programs)]

    assert names(shop="x") == ["a", "b"]
    assert names(shop="y") == ["b"]
    assert names(shop="z") == []
    assert names(shop="x", vip=True) == ["a", "b", "c"]


def test_a_program_that_changed_is_matched_as_it_is_now() -> None:
    known = enrolment()
    before, after = wanting("a", shop=["x"]), wanting("a", shop=["y"])

    assert known.matching(sign_up(shop="x"), [before]) == [before]
    assert known.matching(sign_up(shop="x"), [after]) == []
    assert known.matching(sign_up(shop="y"), [after]) == [after]


def test_a_known_customer_is_owed_a_barcode() -> None:
    row = enrolled(consents=["marketing"], tenant="north")

    assert isinstance(row, Issuance)
    assert row.issuance_id == issuance_id(
        tenant="north",
        account=ACCOUNT,
        customer_id=42,
        offer_id=OFFER_ID,
        occurrence="signup",
    )
    assert row.tracking_code == PROGRAM.tracking_prefix + row.issuance_id
    assert (row.channel, row.program, row.consents) == (
        PROGRAM.channel,
        PROGRAM.name,
        ("marketing",),
    )


def test_the_customer_owes_one_row_to_two_programs_of_the_same_offer() -> None:
    other = replace(PROGRAM, name="other", tracking_prefix="other-")

    assert enrolled().key == enrolled(other).key
    assert enrolled().key != enrolled(replace(PROGRAM, occurrence="again")).key
    assert enrolled().key != enrolled(replace(PROGRAM, offer_id=OFFER_ID + 1)).key


def test_a_customer_known_by_e_mail_alone_is_searched_for() -> None:
    row = enrolled(customer={"email": "Someone@Customer.example"})

    assert isinstance(row, Resolution)
    assert row.email == "Someone@Customer.example"
    assert row.give_up_at == NOON + timedelta(days=3)
    assert enrolment().refusal(row, PROGRAM, now=NOON) is None


def test_an_e_mail_has_the_same_pseudonym_in_all_its_spellings() -> None:
    one = enrolled(customer={"email": "Someone@Customer.example"})
    other = enrolled(customer={"email": "someone@customer.EXAMPLE"}, signup_id="signup-2")

    assert one.customer_ref == other.customer_ref
    assert one.key != other.key
    assert "someone" not in one.customer_ref


def test_a_customer_known_by_nothing_is_refused() -> None:
    row = enrolled(customer={})

    assert enrolment().refusal(row, PROGRAM, now=NOON) is Refusal.IDENTITY_MISSING


def test_an_id_outweighs_an_e_mail() -> None:
    assert isinstance(
        enrolled(customer={"coniq_customer_id": 42, "email": "a@b.example"}), Issuance
    )


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2008-06-01", 18),
        ("2008-06-02", 17),
        ("2026-06-01", 0),
        ("2027-01-01", -1),
        ("1900-12-31", 125),
    ],
)
def test_the_age_is_that_on_the_day_of_the_sign_up_where_it_happened(born: str, age: int) -> None:
    row = enrolled(customer={"coniq_customer_id": 42, "birth_date": born})

    assert row.age == age


@pytest.mark.parametrize(
    ("day", "age"), [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18), (date(2028, 2, 29), 20)]
)
def test_a_customer_born_on_a_leap_day_ages_on_the_first_of_march(day: date, age: int) -> None:
    row = enrolled(
        now=NOON + timedelta(days=1000),
        occurred_at=f"{day.isoformat()}T12:00:00Z",
        customer={"coniq_customer_id": 42, "birth_date": "2008-02-29"},
    )

    assert row.age == age


def test_without_a_birth_date_the_age_is_unknown() -> None:
    assert enrolled().age is None


def test_a_resolved_customer_goes_on_with_the_facts_of_the_sign_up() -> None:
    resolution = enrolled(
        customer={"email": "a@b.example", "birth_date": "2000-01-01"}, consents=["marketing"]
    )
    assert isinstance(resolution, Resolution)

    issuance = enrolment().continued(resolution, PROGRAM, customer_id=42)

    at_once = enrolled(
        customer={"coniq_customer_id": 42, "birth_date": "2000-01-01"}, consents=["marketing"]
    )
    assert issuance == at_once


def test_the_gates_speak_about_the_row() -> None:
    adults = replace(PROGRAM, minimum_age=18, required_consents=("marketing",))
    row = enrolled(adults, consents=["marketing"])
    refusal = enrolment().refusal

    assert refusal(row, adults, now=NOON) is Refusal.AGE_UNKNOWN
    assert refusal(row, PROGRAM, now=NOON) is None
    assert refusal(row, None, now=NOON) is Refusal.PROGRAM_REMOVED


def test_programs_are_found_by_their_names() -> None:
    one, other = factories.any_program(), factories.any_program()

    assert by_name([one, other]) == {one.name: one, other.name: other}
