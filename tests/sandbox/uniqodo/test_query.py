"""The simulated Uniqodo's answers to a query, in each form."""

from collections.abc import Iterator

import pytest
import requests

from couponbus_sandbox.uniqodo import (
    ODD,
    ONE_USE,
    THREE_USES,
    WITH_A_RULE,
    History,
    NewRedemption,
    UniqodoKey,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.sandbox.uniqodo_caller import UniqodoCaller, records_of


@pytest.fixture(scope="module")
def running() -> Iterator[UniqodoSandbox]:
    with uniqodo_server(UniqodoSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: UniqodoSandbox) -> UniqodoSandbox:
    running.reset()
    return running


@pytest.fixture
def caller(sandbox: UniqodoSandbox) -> UniqodoCaller:
    return UniqodoCaller(sandbox.url)


@pytest.mark.parametrize("prefix", ["publisher", "distributor"])
def test_both_prefixes_answer_the_same(caller: UniqodoCaller, prefix: str) -> None:
    assert caller.query("ABC123", prefix=prefix).json() == caller.query("ABC123").json()


def test_an_unknown_user_may_come_without_a_reference(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    assert caller.query("x").json()["errors"][0]["reference"] == "TCJGGJGF"

    sandbox.change(reference=None)

    assert list(caller.query("x").json()["errors"][0]) == [
        "code",
        "message",
        "promotion_specific_error",
    ]


def test_a_code_that_was_not_redeemed_has_no_errors(caller: UniqodoCaller) -> None:
    answer = caller.query("issued@example.com").json()

    assert (answer["errors"], answer["result"]) == ([], "success")
    assert answer["data"]["redemption"] == {"records": [], "total": 0}
    assert answer["data"]["offer"]["code_issue_date"] == "16-05-2019 12:00:00"


def test_whether_a_success_says_so_is_a_setting(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    sandbox.change(result_on_success="absent")

    assert "result" not in caller.query("issued@example.com").json()
    assert caller.query("x").json()["result"] == "failure"


def test_a_promotion_with_several_uses_lists_them_all(caller: UniqodoCaller) -> None:
    answer = caller.query("twice@example.com", promotion=THREE_USES)

    assert [record["order_value"] for record in records_of(answer)] == [219.99, 0.1]
    assert answer.json()["data"]["redemption"]["total"] == 2
    assert answer.json()["errors"] == []


def test_a_promotion_may_have_errors_of_its_own(caller: UniqodoCaller) -> None:
    answer = caller.query("rule@example.com", promotion=WITH_A_RULE).json()

    assert [error["code"] for error in answer["errors"]] == [209]
    assert answer["data"]["offer"]["offer_id"] == 4885
    assert "result" not in answer


def test_odd_records_come_as_they_are(caller: UniqodoCaller) -> None:
    answer = caller.query("odd@example.com", promotion=ODD)

    assert records_of(answer)[0]["redeemed_at"] == "2015-05-29T10:39:17"
    assert [record["custom_params"] for record in records_of(answer)] == [
        None,
        '{"p1":"example1","p2":"example2"}',
        '{"p1":"example1",',
    ]
    assert answer.json()["data"]["redemption"]["total"] == 5


def test_the_other_body_has_sums(sandbox: UniqodoSandbox, caller: UniqodoCaller) -> None:
    sandbox.change(body="totals")

    data = caller.query("twice@example.com", promotion=THREE_USES).json()["data"]

    assert list(data) == ["total_discount_value", "total_order_value", "records", "offer"]
    assert (data["total_discount_value"], data["total_order_value"]) == (0, 220.09)


@pytest.mark.parametrize("name", ["data", "errors"])
def test_parts_of_the_answer_can_be_null_or_missing(
    sandbox: UniqodoSandbox, caller: UniqodoCaller, name: str
) -> None:
    sandbox.change(**{name: "null"})
    assert caller.query("ABC123").json()[name] is None

    sandbox.change(**{name: "missing"})
    assert name not in caller.query("ABC123").json()


@pytest.mark.parametrize(("name", "place"), [("records", "redemption"), ("offer", None)])
def test_parts_of_the_data_can_be_null_or_missing(
    sandbox: UniqodoSandbox, caller: UniqodoCaller, name: str, place: str | None
) -> None:
    def holder() -> object:
        data = caller.query("ABC123").json()["data"]
        return data[place] if place else data

    sandbox.change(**{name: "null"})
    assert holder()[name] is None  # type: ignore[index]

    sandbox.change(**{name: "missing"})
    assert name not in holder()  # type: ignore[operator]


def test_a_total_can_be_wrong_and_a_time_without_its_zone(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    sandbox.change(total_offset=4, redeemed_at_style="naive")

    answer = caller.query("ABC123")

    assert answer.json()["data"]["redemption"]["total"] == 5
    assert records_of(answer)[0]["redeemed_at"] == "2019-05-15T08:55:37"


def test_errors_can_have_a_status_of_their_own(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    sandbox.change(error_status=409)

    assert caller.query("ABC123").status_code == 409
    assert caller.query("issued@example.com").status_code == 200


@pytest.mark.parametrize("status", [401, 403, 404, 200])
def test_a_wrong_key_is_refused_with_a_status_that_can_be_set(
    sandbox: UniqodoSandbox, status: int
) -> None:
    sandbox.change(auth_status=status)

    answer = UniqodoCaller(sandbox.url, key="other-key-not-real").query("ABC123")

    assert (answer.status_code, answer.json()["data"]) == (status, None)
    assert answer.json()["errors"]


@pytest.mark.parametrize("status", [404, 200])
def test_an_unknown_promotion_is_refused_with_a_status_that_can_be_set(
    sandbox: UniqodoSandbox, caller: UniqodoCaller, status: int
) -> None:
    sandbox.change(unknown_promotion_status=status)

    answer = caller.query("ABC123", promotion="0" * 32)

    assert (answer.status_code, answer.json()["data"]) == (status, None)


def test_a_query_needs_a_user(caller: UniqodoCaller) -> None:
    assert caller.query(None).status_code == 400
    assert caller.query("").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", f"/publisher/test-key-not-real/query/user-redemption/{ONE_USE}", 405),
        ("DELETE", "/redeem/test-key-not-real/x/1", 405),
        ("POST", "/code/test-key-not-real/4883", 405),
        ("GET", "/", 404),
        ("GET", "/publisher", 404),
        ("GET", f"/stranger/test-key-not-real/query/user-redemption/{ONE_USE}", 404),
    ],
)
def test_other_routes_do_not_exist(
    sandbox: UniqodoSandbox, method: str, path: str, status: int
) -> None:
    assert requests.request(method, sandbox.url + path, timeout=10).status_code == status


def test_each_key_has_a_name_and_may_have_any_characters() -> None:
    keys = (
        UniqodoKey(name="one", api_key="ke$p}/key"),
        UniqodoKey(name="two", api_key="two-not-real", distributor_id=103),
    )
    with uniqodo_server(UniqodoSettings(accounts=keys, histories=())) as sandbox:
        answer = UniqodoCaller(sandbox.url, key="ke$p}/key").query("ABC123")
        other = UniqodoCaller(sandbox.url, key="two-not-real")
        code = other.code(4883, uid="u")
        sandbox.redeem(NewRedemption(promotion_id=ONE_USE, user_id="u"))
        record = records_of(other.query("u"))[0]
        calls = sandbox.calls()

    assert answer.json()["errors"][0]["code"] == 204
    assert code["result"] == "success"
    assert record["distributor_id"] == 103
    assert [call["account"] for call in calls] == ["one", "two", "two"]
    route = "GET /publisher/{key}/query/user-redemption/{promotion}"
    assert [call["route"] for call in calls] == [route, "GET /code/{key}/{offer}", route]


def test_users_are_distinguished_by_case(caller: UniqodoCaller) -> None:
    assert caller.query("abc123").json()["errors"][0]["code"] == 204


def test_a_history_of_a_promotion_that_is_not_there_is_refused() -> None:
    stray = History(
        promotion_id="0" * 32, user_id="u", code="C", issued_at="01-06-2026 10:00:00", records=({},)
    )

    with (
        pytest.raises(KeyError, match="promotion"),
        uniqodo_server(UniqodoSettings(histories=(stray,))),
    ):
        pass
