"""A barcode reaches its customer by what it says, wherever it stands in the answer."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.health import Health
from couponbus.domain.issuing.attempt import Blame, Outcome
from couponbus.domain.issuing.barcode import Barcode
from couponbus.providers.coniq.matching import match
from couponbus.providers.coniq.wire import ConiqReading
from tests.unit.providers.coniq.matched import (
    ACCOUNT,
    APPLIED,
    MISSING,
    barcode,
    error,
    matched,
    request,
    what,
)


@given(st.permutations(range(1, 8)), st.sets(st.integers(1, 7)))
def test_each_request_gets_its_own_barcode_or_none_in_any_order(
    order: list[int], lost: set[int]
) -> None:
    requests = [request(number) for number in range(1, 8)]

    found = matched(requests, *(barcode(number) for number in order if number not in lost))

    for number, attempt in zip(range(1, 8), found.attempts, strict=True):
        assert what(attempt) == (MISSING if number in lost else APPLIED)
        assert attempt.barcode == (None if number in lost else barcode(number))
    assert found.anomalies == 0


def test_a_barcode_of_no_customer_is_an_anomaly() -> None:
    found = matched([request(1)], barcode(9), barcode(1))

    assert what(found.attempts[0]) == APPLIED
    assert found.anomalies == 1


def test_the_same_number_twice_is_one_barcode() -> None:
    found = matched([request(1)], barcode(1), barcode(1))

    assert what(found.attempts[0]) == APPLIED
    assert found.anomalies == 1


def test_two_numbers_for_one_request_are_not_chosen_from() -> None:
    found = matched([request(1)], barcode(1), replace(barcode(1), number="24999999"))

    assert what(found.attempts[0]) == (Outcome.CONTRADICTED, "answered_twice", Blame.TRANSIENT)
    assert found.attempts[0].candidates == ("24000001", "24999999")
    assert (found.anomalies, found.unexplained) == (1, 1)


def test_one_number_for_two_customers_is_given_to_neither() -> None:
    found = matched(
        [request(1), request(2), request(3)],
        barcode(1),
        replace(barcode(2), number=barcode(1).number),
        barcode(3),
    )

    other = (Outcome.CONTRADICTED, "number_of_another", Blame.TRANSIENT)
    assert [what(attempt) for attempt in found.attempts] == [other, other, APPLIED]


@given(
    st.lists(
        st.builds(
            replace,
            st.sampled_from([barcode(number) for number in range(1, 6)]),
            customer_id=st.integers(1, 7),
            tracking_code=st.none() | st.sampled_from(["sig-1", "SIG-2", "sig-3", "foreign"]),
        ),
        min_size=5,
        max_size=8,
    ),
    st.integers(0, 2),
)
def test_a_success_with_as_many_items_as_were_sent_is_never_no_word_about_one(
    items: list[Barcode], strays: int
) -> None:
    twin = replace(request(1), tracking_code="sig-1-again")
    requests = [*(request(number) for number in range(1, 5)), twin]

    found = match(requests, ConiqReading(barcodes=items, strays=strays), account=ACCOUNT)

    assert MISSING not in [what(attempt) for attempt in found.attempts]


@pytest.mark.parametrize("strays", [0, 1])
def test_who_is_passed_over_while_something_found_no_place_may_be_whose_it_is(
    strays: int,
) -> None:
    reading = ConiqReading(barcodes=[barcode(1), *[barcode(9)] * (1 - strays)], strays=strays)

    found = match([request(1), request(2)], reading, account=ACCOUNT)

    assert what(found.attempts[0]) == APPLIED
    assert what(found.attempts[1]) == (Outcome.CONTRADICTED, "unplaced_items", Blame.TRANSIENT)
    assert (found.anomalies, found.unexplained) == (1, 1)


@pytest.mark.parametrize("named", [{"tracking_code": "sig-1"}, {"customer_id": 1, "offer_id": 101}])
def test_an_error_that_names_its_request_is_its_alone(named: dict[str, str | int]) -> None:
    found = matched([request(1), request(2)], error(**named), barcode(2))  # type: ignore[arg-type]

    assert what(found.attempts[0]) == (Outcome.UNKNOWN, "provider_400", Blame.ITEM)
    assert what(found.attempts[1]) == APPLIED
    assert found.anomalies == 0


def test_an_error_is_a_refusal_where_the_account_trusts_it() -> None:
    trusting = replace(ACCOUNT, item_errors_trusted=True)

    found = matched([request(1)], error(tracking_code="sig-1"), account=trusting)

    assert what(found.attempts[0]) == (Outcome.REFUSED, "provider_400", Blame.ITEM)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
def test_an_error_that_may_pass_is_no_refusal_trusted_or_not(status: int) -> None:
    for trusted in (False, True):
        account = replace(ACCOUNT, item_errors_trusted=trusted)

        found = matched([request(1)], error(status=status, tracking_code="sig-1"), account=account)

        outcome = (Outcome.UNKNOWN, f"provider_{status}", Blame.TRANSIENT)
        assert what(found.attempts[0]) == outcome


def test_errors_that_name_no_item_leave_the_silent_requests_open() -> None:
    found = matched([request(1), request(2)], error(), barcode(2))

    assert [what(attempt) for attempt in found.attempts] == [MISSING, APPLIED]
    assert found.anomalies == 0


@pytest.mark.parametrize("trusted", [False, True])
def test_the_only_error_in_answer_to_one_request_is_about_it_or_about_all(
    trusted: bool,
) -> None:
    account = replace(ACCOUNT, item_errors_trusted=trusted)

    found = matched([request(1)], error(), account=account)

    assert what(found.attempts[0]) == (Outcome.UNKNOWN, "provider_400", Blame.BATCH)
    assert found.health is Health.REFUSING


def test_a_message_without_a_code_says_nothing() -> None:
    found = matched([request(1)], error(status=None))

    assert what(found.attempts[0]) == MISSING
    assert found.health is Health.GOOD


def test_the_only_error_is_not_about_the_request_if_it_names_another() -> None:
    found = matched([request(1)], error(tracking_code="sig-9"))

    assert what(found.attempts[0]) == MISSING
    assert found.anomalies == 1


def test_a_barcode_outweighs_an_error() -> None:
    found = matched([request(1)], error(tracking_code="sig-1"), barcode(1))

    assert what(found.attempts[0]) == APPLIED


def test_items_that_are_nothing_are_anomalies() -> None:
    assert match([request(1)], ConiqReading(barcodes=[], strays=2), account=ACCOUNT).anomalies == 2


@given(
    st.lists(
        st.builds(
            replace,
            st.sampled_from([barcode(number) for number in range(1, 6)]),
            number=st.sampled_from(["24000001", "24000002", "24000003"]),
            customer_id=st.integers(1, 5),
            tracking_code=st.none() | st.sampled_from(["sig-1", "sig-2", "sig-3", "foreign"]),
        ),
        max_size=6,
    )
)
def test_no_answer_gives_a_customer_the_barcode_of_another(items: list[Barcode]) -> None:
    requests = [request(number) for number in range(1, 4)]

    found = matched(requests, *items)

    given_out = [attempt.barcode for attempt in found.attempts if attempt.barcode is not None]
    assert len({one.number for one in given_out}) == len(given_out)
    for wanted, attempt in zip(requests, found.attempts, strict=True):
        if attempt.barcode is not None:
            assert attempt.barcode.customer_id == wanted.customer_id
            assert attempt.barcode.offer_id == wanted.offer_id
