"""The client returns what the simulator of Uniqodo has, field by field."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import JsonValue

from couponbus.domain.polling.redemption import ProblemKind
from couponbus.providers.uniqodo.account import Prefix
from couponbus.providers.uniqodo.client import UniqodoRedemptions
from couponbus.providers.uniqodo.wire import WireAnswer
from couponbus_sandbox.uniqodo import (
    ODD,
    ONE_USE,
    THREE_USES,
    WITH_A_RULE,
    NewRedemption,
    NewUser,
    Promotion,
    QueryError,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.contracts.uniqodo import CLOCK, SECONDS, ask, client


@pytest.fixture(scope="module")
def running() -> Iterator[UniqodoSandbox]:
    with uniqodo_server(UniqodoSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: UniqodoSandbox) -> UniqodoSandbox:
    running.reset()
    return running


def wire(uniqodo: UniqodoRedemptions, user_id: str, promotion: str) -> WireAnswer:
    return uniqodo.answer(
        account="main", promotion=promotion, user_id=user_id, deadline=CLOCK.after(SECONDS)
    )


def as_sent(value: object) -> object:
    """Return a field as the provider wrote it."""
    if hasattr(value, "raw"):
        return value.raw
    if isinstance(value, Decimal):
        return float(value)
    return list(value) if isinstance(value, tuple) else value


def fields_of(value: object) -> dict[str, object]:
    return {each.name: as_sent(getattr(value, each.name)) for each in fields(value)}  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", list(Prefix))
@pytest.mark.parametrize("body", ["redemption", "totals"])
def test_every_field_of_a_record_survives_the_way_here(
    sandbox: UniqodoSandbox, prefix: Prefix, body: str
) -> None:
    sandbox.change(body=body)
    record: dict[str, JsonValue] = {
        "order_id": "order-1",
        "order_value": 219.99,
        "discount_value": 0.1,
        "currency": "EUR",
        "custom_params": '{"p1":"example1"}',
        "redeemed_at": "2026-03-29T01:30:00",
        "tags": ["ONLINE"],
    }
    (stored,) = sandbox.redeem(
        NewRedemption(promotion_id=THREE_USES, user_id="new@example.com", record=record)
    )

    answer = wire(client(sandbox, prefix=prefix), "new@example.com", THREE_USES)

    assert answer.records is not None
    assert [fields_of(each) for each in answer.records] == [stored]
    assert answer.records[0].order_value == Decimal("219.99")
    assert answer.doubts == ()
    assert ask(client(sandbox), "new@example.com", THREE_USES).is_complete


def test_every_field_of_an_offer_survives_the_way_here(sandbox: UniqodoSandbox) -> None:
    promotion = Promotion(
        promotion_id="fe" * 16,
        offer_id=99,
        description="d",
        offer_description="o",
        merchant_id=7,
        merchant_name="m",
        status="paused",
        master_code="MASTER-NOT-REAL",
        terms="t",
        code_remaining=5,
        redemption_per_code=2,
        code_type="generic",
        start_date="29-03-2026 01:30:00",
        end_date="25-10-2026 01:30:00",
        code_validity_days=10,
    )
    sandbox.add_promotions(promotion)
    sandbox.advance_clock(seconds=0)
    sandbox.add_users(NewUser(promotion_id=promotion.promotion_id, user_id="u", code="OWN"))
    (code,) = [each for each in sandbox.detail()["codes"] if each["code"] == "OWN"]

    answer = wire(client(sandbox), "u", promotion.promotion_id)

    assert answer.offer is not None
    assert fields_of(answer.offer) == {
        "id": 99,
        "offer_id": 99,
        "offer_description": "o",
        "merchant_id": 7,
        "merchant_name": "m",
        "description": "d",
        "status": "paused",
        "code": "MASTER-NOT-REAL",
        "terms": "t",
        "code_remaining": 4,
        "redemption_per_code": 2,
        "code_type": "generic",
        "start_date": "29-03-2026 01:30:00",
        "end_date": "25-10-2026 01:30:00",
        "code_issue_date": code["issued_at"],
        "code_expiry": code["expires_at"],
    }
    facts = ask(client(sandbox), "u", promotion.promotion_id).offer
    assert facts is not None
    assert facts.starts is not None
    assert facts.ends is not None
    assert facts.starts.at == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert facts.ends.at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert "MASTER-NOT-REAL" not in repr(answer)


def test_every_field_of_an_error_survives_the_way_here(sandbox: UniqodoSandbox) -> None:
    error = QueryError(
        code=777, message="m", promotion_specific_error={"a": 1}, reference="TCJGGJGF"
    )
    sandbox.add_promotions(Promotion(promotion_id="fe" * 16, offer_id=99, errors=(error,)))
    sandbox.add_users(NewUser(promotion_id="fe" * 16, user_id="u"))

    answer = wire(client(sandbox), "u", "fe" * 16)

    assert [fields_of(each) for each in answer.errors] == [
        {
            "code": 777,
            "message": "m",
            "promotion_specific_error": {"a": 1},
            "reference": "TCJGGJGF",
        }
    ]
    assert ask(client(sandbox), "u", "fe" * 16).has(ProblemKind.OTHER)


@pytest.mark.parametrize(
    ("user_id", "promotion", "kinds", "redemptions", "is_complete"),
    [
        ("ABC123", ONE_USE, [ProblemKind.REDEEMED], 1, True),
        ("unknown@example.com", ONE_USE, [ProblemKind.UNRECOGNISED], 0, True),
        ("abc123", ONE_USE, [ProblemKind.UNRECOGNISED], 0, True),
        ("issued@example.com", ONE_USE, [], 0, True),
        ("twice@example.com", THREE_USES, [], 2, True),
        ("rule@example.com", WITH_A_RULE, [ProblemKind.RULE], 0, True),
        ("odd@example.com", ODD, [], 3, False),
    ],
)
def test_each_state_of_the_record_is_understood(
    sandbox: UniqodoSandbox,
    user_id: str,
    promotion: str,
    kinds: list[ProblemKind],
    redemptions: int,
    is_complete: bool,
) -> None:
    seen = ask(client(sandbox), user_id, promotion)

    assert [problem.kind for problem in seen.problems] == kinds
    assert len(seen.redemptions) == redemptions
    assert seen.is_complete is is_complete


def test_odd_dates_and_parameters_are_distinguished(sandbox: UniqodoSandbox) -> None:
    naive, good, broken = ask(client(sandbox), "odd@example.com", ODD).redemptions

    assert naive.redeemed_at is not None
    assert naive.redeemed_at.tz_assumed
    assert naive.redeemed_at.at == datetime(2015, 5, 29, 9, 39, 17, tzinfo=UTC)
    assert good.custom_params is not None
    assert good.custom_params.values == {"p1": "example1", "p2": "example2"}
    assert broken.custom_params is not None
    assert broken.custom_params.is_broken


@pytest.mark.parametrize(
    "changes",
    [
        {"result_on_success": "absent"},
        {"error_status": 422},
        {"redeemed_at_style": "naive"},
        {"reference": None},
    ],
)
def test_what_the_record_leaves_open_makes_no_difference(
    sandbox: UniqodoSandbox, changes: dict[str, object]
) -> None:
    def what_matters() -> list[object]:
        found = [ask(client(sandbox)), ask(client(sandbox), "unknown"), ask(client(sandbox), "x")]
        return [
            (
                [each.redemption_id for each in seen.redemptions],
                [each.redeemed_at and each.redeemed_at.at for each in seen.redemptions],
                [problem.kind for problem in seen.problems],
                seen.is_complete,
                seen.doubts,
            )
            for seen in found
        ]

    before = what_matters()
    sandbox.change(**changes)

    assert what_matters() == before


def test_records_that_change_and_vanish_are_seen(sandbox: UniqodoSandbox) -> None:
    uniqodo = client(sandbox)
    before = ask(uniqodo, "twice@example.com", THREE_USES).redemptions

    sandbox.change_redemption(1925201, order_value=10)
    sandbox.remove_redemption(1925202)
    sandbox.redeem(NewRedemption(promotion_id=THREE_USES, user_id="twice@example.com"))
    after = ask(uniqodo, "twice@example.com", THREE_USES).redemptions

    assert [each.redemption_id for each in before] == ["1925201", "1925202"]
    assert [each.redemption_id for each in after] == ["1925201", "2000001"]
    assert before[0] != after[0]
    assert after[0].order_value == Decimal(10)
