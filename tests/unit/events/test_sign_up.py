"""A sign-up is read as its producer meant it, or not at all."""

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from couponbus.events.sign_up import CustomerSignedUp

type Json = dict[str, object]

SIGN_UP: Json = {
    "signup_id": "signup-1",
    "occurred_at": "2026-06-01T12:00:00+02:00",
    "customer": {"coniq_customer_id": 42},
}


def read(**changed: object) -> CustomerSignedUp:
    return CustomerSignedUp.model_validate(SIGN_UP | changed)


def customer(**fields: object) -> Json:
    return {"customer": fields}


def test_the_least_that_a_producer_may_send() -> None:
    event = read()

    assert event.occurred_at == datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    assert (event.tenant, event.consents, event.attributes) == ("default", (), {})
    assert event.customer.coniq_customer_id == 42


def test_everything_that_a_producer_may_send() -> None:
    event = read(
        tenant="north",
        customer={
            "coniq_customer_id": 2**63 - 1,
            "koupon_consumer": "k",
            "uniqodo_user_id": "u",
            "email": "någon@customer.example",
            "birth_date": "2000-02-29",
        },
        consents=["marketing"],
        attributes={"shop": "a", "vip": True, "n": 3, "x": 0.5, "tags": ["b"], "none": None},
    )

    assert event.customer.birth_date == date(2000, 2, 29)
    assert event.attributes["vip"] is True
    assert event.attributes["n"] == 3
    assert event.attributes["tags"] == ["b"]


def test_unknown_fields_are_let_through_unread() -> None:
    event = read(loyalty={"tier": "gold"}, customer={"coniq_customer_id": 42, "shoe_size": 43})

    assert not hasattr(event, "loyalty")


@pytest.mark.parametrize(
    "wrong",
    [
        {"signup_id": ""},
        {"signup_id": "x" * 129},
        {"signup_id": "a\nb"},
        {"signup_id": "a\u0000"},
        {"signup_id": "a\u009b31m"},
        {"signup_id": "a\u2028"},
        {"signup_id": "\ud800"},
        {"signup_id": "  "},
        {"signup_id": "a\u202eb"},
        {"tenant": "north\u200b"},
        {"tenant": "\u00a0"},
        {"consents": ["mail\u2066"]},
        {"attributes": {"a\ufeff": 1}},
        {"occurred_at": "1969-12-31T23:59:59Z"},
        {"occurred_at": "9999-12-31T23:59:59-14:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"signup_id": 7},
        {"signup_id": True},
        {"signup_id": None},
        {"tenant": ""},
        {"occurred_at": "2026-06-01T12:00:00"},
        {"occurred_at": "2026-06-01"},
        {"occurred_at": 1780000000},
        {"occurred_at": 1780000000.5},
        {"occurred_at": "1780000000"},
        {"occurred_at": "-1780000000"},
        {"occurred_at": True},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-02-30T12:00:00Z"},
        {"consents": "marketing"},
        {"consents": ["x"] * 51},
        {"consents": [""]},
        {"consents": {"marketing": True}},
        {"attributes": []},
        {"attributes": {"a": {"nested": 1}}},
        {"attributes": {"a": [["nested"]]}},
        {"attributes": {"": 1}},
        {"attributes": {"a": "x" * 1025}},
        {"attributes": {"a": "x\u007f"}},
        {"attributes": {str(number): 1 for number in range(51)}},
        {"customer": None},
        {"customer": []},
        customer(coniq_customer_id=0),
        customer(coniq_customer_id=-1),
        customer(coniq_customer_id=2**63),
        customer(coniq_customer_id="42"),
        customer(coniq_customer_id=42.0),
        customer(coniq_customer_id=True),
        customer(koupon_consumer="a\r"),
        customer(uniqodo_user_id="a\u200db"),
        customer(email="no-address"),
        customer(email="a@b\n"),
        customer(email="a b@c"),
        customer(email="a@b@c"),
        customer(email="@"),
        customer(email="x" * 250 + "@a.bc"),
        customer(birth_date="2001-02-29"),
        customer(birth_date=946684800),
        customer(birth_date="946684800"),
        customer(birth_date="2000-01-01T10:00:00"),
        customer(birth_date=True),
    ],
    ids=ascii,
)
def test_what_could_mean_two_things_or_harm_is_refused(wrong: Json) -> None:
    with pytest.raises(ValidationError):
        read(**wrong)


def test_texts_of_customers_may_join_their_letters_as_their_language_does() -> None:
    assert read(attributes={"name": "a\u200cb\u200d"}).attributes == {"name": "a\u200cb\u200d"}


@pytest.mark.parametrize("missing", SIGN_UP)
def test_no_field_that_is_needed_may_be_missing(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        CustomerSignedUp.model_validate({k: v for k, v in SIGN_UP.items() if k != missing})


def test_personal_data_do_not_show_when_the_event_does() -> None:
    event = read(**customer(email="canary@customer.example", birth_date="1999-12-31"))

    assert "canary" not in repr(event)
    assert "1999" not in repr(event)


def test_a_sign_up_is_frozen() -> None:
    event = read()

    with pytest.raises(ValidationError, match="frozen"):
        event.tenant = "other"  # type: ignore[misc]


def test_the_schema_says_what_the_class_does() -> None:
    schema = json.dumps(CustomerSignedUp.model_json_schema(mode="validation"))

    for field in (*CustomerSignedUp.model_fields, "coniq_customer_id", "email", "birth_date"):
        assert f'"{field}"' in schema
