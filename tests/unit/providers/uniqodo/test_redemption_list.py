"""What an answer means: facts, whether they are complete, and why a code cannot be used."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from couponbus.domain.polling.redemption import CodeProblem, ProblemKind, Redemption, StatedTime
from couponbus.providers.uniqodo.fields import DOUBTS_MAX, MORE
from couponbus.providers.uniqodo.redemption_list import redemption_list_of
from tests.unit.providers.uniqodo.answers import (
    full_answer,
    inner,
    items,
    read_answer,
    redemption_list,
    totals_answer,
    without_records,
)


def test_a_record_becomes_a_redemption() -> None:
    first = redemption_list(full_answer()).redemptions[0]

    at = datetime(2019, 5, 15, 7, 55, 37, tzinfo=UTC)
    assert first == Redemption(
        redemption_id="1925118",
        distributor_id="102",
        merchant_id="1",
        offer_id="4883",
        code="BF39KD2H",
        order_id="1262434SH",
        order_value=Decimal(45),
        discount_value=Decimal("11.25"),
        currency="GBP",
        redeemed_at=StatedTime(raw="2019-05-15T08:55:37+0100", at=at),
        custom_params=first.custom_params,
        tags=("SUMMER_OFFER", "ONLINE"),
    )
    assert first.custom_params is not None
    assert first.custom_params.values == {"p1": "example1"}


def test_the_offer_becomes_facts_without_its_master_code() -> None:
    facts = redemption_list(full_answer()).offer

    assert facts is not None
    assert (facts.offer_id, facts.status, facts.code_type) == ("4883", "active", "unique")
    assert (facts.code_remaining, facts.redemption_per_code) == (1000, 1)
    stated = (facts.starts, facts.ends, facts.code_issued, facts.code_expires)
    assert [each and each.at and each.at.isoformat() for each in stated] == [
        "2019-02-27T00:00:00+00:00",
        "2019-05-17T22:59:59+00:00",
        "2019-05-15T07:54:02+00:00",
        "2019-05-17T22:59:59+00:00",
    ]
    assert all(each and each.tz_assumed for each in stated)
    assert "XMAS10" not in repr(facts)
    assert "XMAS10" not in str([getattr(facts, name) for name in facts.__dataclass_fields__])


def test_a_user_who_is_not_known_has_a_complete_history_of_nothing() -> None:
    unknown = redemption_list(without_records())

    assert (unknown.redemptions, unknown.offer, unknown.is_complete) == ((), None, True)
    assert unknown.has(ProblemKind.UNRECOGNISED)
    assert not unknown.has(ProblemKind.REDEEMED)


@pytest.mark.parametrize("total", [0, 1, 3, None, "x", 2.0, True])
def test_a_total_that_does_not_agree_leaves_the_history_incomplete(total: object) -> None:
    answer = full_answer()
    inner(answer, "data", "redemption")["total"] = total

    counted = redemption_list(answer)

    assert not counted.is_complete
    assert len(counted.redemptions) == 2


@pytest.mark.parametrize(("total", "read"), [(0, 0), (2, 2), ("7", 7), (None, None), ("x", None)])
def test_a_total_counts_the_uses_of_the_code_by_all_customers(
    total: object, read: int | None
) -> None:
    answer = full_answer()
    inner(answer, "data", "redemption")["total"] = total

    assert redemption_list(answer).total == read


def test_a_total_of_a_list_that_contradicts_itself_is_unknown() -> None:
    twice, unlisted = full_answer(), full_answer()
    records = items(inner(twice, "data", "redemption"), "records")
    records[1] = dict(records[0])
    inner(unlisted, "data", "redemption")["records"] = None

    assert redemption_list(twice).total is redemption_list(unlisted).total is None


@pytest.mark.parametrize("total", [2, "2"])
def test_a_total_that_agrees_proves_it_complete(total: object) -> None:
    answer = full_answer()
    inner(answer, "data", "redemption")["total"] = total

    assert redemption_list(answer).is_complete


@pytest.mark.parametrize(
    ("totals", "is_complete"),
    [
        ({}, True),
        ({"total_order_value": 264.98}, False),
        ({"total_discount_value": 0}, False),
        ({"total_order_value": None}, True),
        ({"total_order_value": None, "total_discount_value": None}, False),
        ({"total": 3}, False),
        ({"total": 2}, True),
    ],
)
def test_sums_prove_as_much_as_a_count(totals: dict[str, object], is_complete: bool) -> None:
    answer = totals_answer()
    inner(answer, "data").update(totals)

    assert redemption_list(answer).is_complete is is_complete


def test_a_sum_over_an_unknown_amount_proves_nothing() -> None:
    answer = totals_answer()
    items(inner(answer, "data"), "records")[0]["order_value"] = None

    assert not redemption_list(answer).is_complete


def test_without_a_list_of_records_nothing_is_complete() -> None:
    answer = full_answer()
    inner(answer, "data", "redemption").update(records=None, total=0)

    assert redemption_list(answer).redemptions == ()
    assert not redemption_list(answer).is_complete


def test_a_record_that_comes_twice_counts_once_and_leaves_the_history_incomplete() -> None:
    answer = full_answer()
    records = items(inner(answer, "data", "redemption"), "records")
    records[1] = dict(records[0])

    twice = redemption_list(answer)

    assert [each.redemption_id for each in twice.redemptions] == ["1925118"]
    assert not twice.is_complete
    assert twice.doubts == ()


def test_two_records_with_one_id_are_doubted() -> None:
    answer = full_answer()
    records = items(inner(answer, "data", "redemption"), "records")
    records[1] = {**records[0], "code": "OTHER222"}

    conflict = redemption_list(answer)

    assert [(each.code, each.doubtful) for each in conflict.redemptions] == [
        (None, frozenset({"code"}))
    ]
    assert conflict.doubts == ("records[1].code",)
    assert not conflict.is_complete


def test_a_record_of_an_unreadable_distributor_is_left_out_as_it_may_be_any() -> None:
    answer = full_answer()
    items(inner(answer, "data", "redemption"), "records")[0]["distributor_id"] = "one of ours"

    seen = redemption_list(answer)

    assert [each.redemption_id for each in seen.redemptions] == ["1925119"]
    assert seen.doubts == ("data.redemption.records[0].distributor_id",)
    assert (seen.is_complete, seen.left_out) == (False, 1)


def test_a_redemption_names_its_own_doubts_however_many_the_answer_has() -> None:
    answer = full_answer()
    place = inner(answer, "data", "redemption")
    place["records"] = [{"id": number, "currency": 7} for number in range(DOUBTS_MAX + 1)]

    seen = redemption_list(answer)

    assert {each.doubtful for each in seen.redemptions} == {frozenset({"currency"})}
    assert seen.doubts[-1] == MORE


def test_the_same_id_of_another_distributor_is_another_redemption() -> None:
    answer = full_answer()
    records = items(inner(answer, "data", "redemption"), "records")
    records[1] = {**records[0], "distributor_id": 103}

    assert len(redemption_list(answer).redemptions) == 2
    assert redemption_list(answer).is_complete


def test_an_offer_with_two_ids_is_doubted() -> None:
    answer = full_answer()
    inner(answer, "data", "offer")["id"] = 7

    seen = redemption_list(answer)

    assert seen.offer is not None
    assert seen.offer.offer_id == "4883"
    assert seen.doubts == ("data.offer.id",)


def test_an_offer_is_named_by_either_of_its_ids() -> None:
    answer = full_answer()
    del inner(answer, "data", "offer")["offer_id"]

    seen = redemption_list(answer)

    assert seen.offer is not None
    assert (seen.offer.offer_id, seen.doubts) == ("4883", ())


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (201, ProblemKind.REDEEMED),
        ("204", ProblemKind.UNRECOGNISED),
        (209, ProblemKind.RULE),
        (777, ProblemKind.OTHER),
        ("expired", ProblemKind.OTHER),
    ],
)
def test_errors_come_beside_the_data_and_have_a_kind(code: object, kind: ProblemKind) -> None:
    answer = full_answer()
    items(answer, "errors")[0]["code"] = code

    seen = redemption_list(answer)

    assert [problem.kind for problem in seen.problems] == [kind]
    assert len(seen.redemptions) == 2


def test_what_a_code_means_can_be_set() -> None:
    answer = read_answer({**full_answer(), "errors": [{"code": 201, "message": "m"}, {"code": 7}]})

    seen = redemption_list_of(answer, error_kinds={7: ProblemKind.RULE})

    assert list(seen.problems) == [
        CodeProblem(kind=ProblemKind.OTHER, code=201, message="m"),
        CodeProblem(kind=ProblemKind.RULE, code=7),
    ]
