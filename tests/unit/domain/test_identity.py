"""Keys never change: a repeated fact finds its row, years later."""

import base64
import hashlib
import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain import identity
from couponbus.domain.provider import Provider

ID = re.compile(r"[A-Z2-7]{26}")
PARTS = st.lists(st.one_of(st.text(), st.integers()), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ("J7OV3HHE653VCEMPERBZXHSJMO", ("default", "brand", 42, 7, "signup")),
        ("JN4WMZYCMZWAEE6K4UMVC7PYLX", ("größe|x", "", 2**62, 1, "2027")),
    ],
)
def test_the_id_of_an_issuance_is_what_it_was_when_the_first_one_was_stored(
    expected: str, facts: tuple[str, str, int, int, str]
) -> None:
    tenant, account, customer_id, offer_id, occurrence = facts

    found = identity.issuance_id(
        tenant=tenant,
        account=account,
        customer_id=customer_id,
        offer_id=offer_id,
        occurrence=occurrence,
    )

    assert found == expected


def test_the_other_ids_are_what_they_were() -> None:
    resolution = identity.resolution_id(tenant="default", program="welcome", signup_id="signup-1")
    customer = identity.customer_ref(pepper="test-pepper-not-real", tenant="default", customer="42")
    event = identity.event_id(entity="ISSUANCE#A", detail_type="BarcodeIssued", version=1)

    assert resolution == "33YBS6PULQ4NVXBVAW4GZYS33T"
    assert customer == "cus_H42JIVTQ6PKL3IWHYOCXOEG5RI"
    assert event == "127119aa-4279-516b-a065-47bae9e389f7"
    assert identity.digest("rejection", "0" * 64) == "3WS3TCSOJNEKQBTRJYEFBNCHTK"


@given(st.lists(st.integers() | st.text() | st.booleans() | st.sampled_from(Provider), max_size=4))
def test_an_id_is_the_base32_of_its_hash(parts: list[str | int]) -> None:
    hashed = hashlib.sha256(identity.canonical(parts).encode()).digest()

    assert identity.digest(*parts) == base64.b32encode(hashed).decode()[: identity.ID_LENGTH]


@given(st.text(st.characters(codec="utf-8")), st.integers(min_value=0))
def test_the_id_of_an_event_is_a_uuid_made_of_its_name(entity: str, version: int) -> None:
    namespace = uuid.UUID("5f0e4d3a-5d0c-5c55-9a3e-6b8f3c1d2e4f")

    found = identity.event_id(entity=entity, detail_type="BarcodeIssued", version=version)

    assert found == str(uuid.uuid5(namespace, f"{entity}:BarcodeIssued:{version}"))


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "another"},
        {"account": "another"},
        {"customer_id": 43},
        {"offer_id": 8},
        {"occurrence": "again"},
    ],
)
def test_each_fact_makes_another_issuance(other: dict[str, str | int]) -> None:
    facts: dict[str, str | int] = {
        "tenant": "default",
        "account": "brand",
        "customer_id": 42,
        "offer_id": 7,
        "occurrence": "signup",
    }

    assert _issuance(**facts) != _issuance(**{**facts, **other})


def _issuance(**facts: str | int) -> str:
    return identity.issuance_id(
        tenant=str(facts["tenant"]),
        account=str(facts["account"]),
        customer_id=int(facts["customer_id"]),
        offer_id=int(facts["offer_id"]),
        occurrence=str(facts["occurrence"]),
    )


@given(PARTS, PARTS)
def test_other_parts_make_another_id_and_the_same_parts_the_same(
    one: list[str | int], other: list[str | int]
) -> None:
    assert (identity.digest(*one) == identity.digest(*other)) == (one == other)
    assert ID.fullmatch(identity.digest(*one))


def test_parts_do_not_run_into_each_other() -> None:
    assert identity.digest("ab", "c") != identity.digest("a", "bc")
    assert identity.digest("1") != identity.digest(1)


def test_a_pseudonym_says_nothing_without_the_pepper() -> None:
    ours = identity.customer_ref(pepper="test-pepper-not-real", tenant="t", customer="42")
    theirs = identity.customer_ref(pepper="other-pepper-not-real", tenant="t", customer="42")

    assert ours != theirs
    assert ours.startswith("cus_")


def test_the_same_customer_of_two_tenants_has_two_names() -> None:
    pepper = "test-pepper-not-real"
    one = identity.customer_ref(pepper=pepper, tenant="one", customer="42")
    two = identity.customer_ref(pepper=pepper, tenant="two", customer="42")

    assert one != two


def test_each_outcome_of_a_row_has_an_event_id_of_its_own() -> None:
    ids = {
        identity.event_id(entity=entity, detail_type=detail_type, version=version)
        for entity in ("ISSUANCE#A", "ISSUANCE#B")
        for detail_type in ("BarcodeIssued", "BarcodeRefused")
        for version in (1, 2, 12)
    }

    assert len(ids) == 2 * 2 * 3
