"""The controls of the simulated Uniqodo, over HTTP."""

from collections.abc import Iterator

import pytest
import requests

from couponbus_sandbox.uniqodo import (
    ONE_USE,
    THREE_USES,
    FaultKind,
    FaultRule,
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


def test_a_promotion_with_a_user_and_redemptions_can_be_made(caller: UniqodoCaller) -> None:
    new = {"promotion_id": "fe" * 16, "offer_id": 99, "redemption_per_code": 2, "tags": ["NEW"]}
    who = {"promotion_id": "fe" * 16, "user_id": "u"}

    made = caller.control("POST", "promotions", new)
    codes = caller.control("POST", "users", [{**who, "code": "NAMED222"}]).json()["codes"]
    redeemed = caller.control("POST", "redemptions", [{**who, "record": {"order_id": "o"}}, who])

    assert (made.status_code, codes, redeemed.status_code) == (204, ["NAMED222"], 201)
    answer = caller.query("u", promotion="fe" * 16)
    assert records_of(answer) == redeemed.json()
    assert [record["code"] for record in records_of(answer)] == ["NAMED222"] * 2
    assert records_of(answer)[0]["order_id"] == "o"
    assert answer.json()["errors"][0]["code"] == 201


def test_a_redemption_of_a_user_without_a_code_gets_one(caller: UniqodoCaller) -> None:
    who = {"promotion_id": THREE_USES, "user_id": "new"}

    (record,) = caller.control("POST", "redemptions", who).json()

    offer = caller.query("new", promotion=THREE_USES).json()["data"]["offer"]
    assert offer["code_remaining"] == 999
    assert record["code"]


def test_a_record_can_be_changed_and_removed(caller: UniqodoCaller) -> None:
    changed = caller.control(
        "PATCH", "redemptions/1925118", {"order_value": "broken", "surprise": [1]}
    )

    assert changed.json()["order_value"] == "broken"
    assert records_of(caller.query("ABC123")) == [changed.json()]

    assert caller.control("DELETE", "redemptions/1925118").status_code == 204
    after = caller.query("ABC123")
    assert (records_of(after), after.json()["errors"]) == ([], [])


def test_the_clock_decides_when_codes_are_issued_and_redeemed(caller: UniqodoCaller) -> None:
    caller.control("POST", "clock", {"now": "2026-06-30T23:30:00Z"})
    who = {"promotion_id": THREE_USES, "user_id": "new"}

    (record,) = caller.control("POST", "redemptions", who).json()

    assert str(record["redeemed_at"]).startswith("2026-07-01T00:30:0")
    assert str(record["redeemed_at"]).endswith("+0100")
    offer = caller.query("new", promotion=THREE_USES).json()["data"]["offer"]
    assert offer["code_issue_date"].startswith("01-07-2026 00:30:0")
    assert offer["code_expiry"].startswith("31-07-2026 00:30:0")


def test_the_state_counts(sandbox: UniqodoSandbox, caller: UniqodoCaller) -> None:
    caller.query("ABC123")

    state = caller.control("GET", "state?detail=1").json()

    assert (state["promotions"], state["codes"], state["redemptions"]) == (4, 5, 6)
    assert state["redemptions_by_promotion"][ONE_USE] == 1
    assert state["calls"] == {"GET /publisher/{key}/query/user-redemption/{promotion}": {"200": 1}}
    assert (state["callbacks"], state["late_commits_pending"]) == (0, 0)
    detail = state["detail"]
    assert [len(detail[name]) for name in ("promotions", "codes", "redemptions")] == [4, 5, 6]
    assert sandbox.detail() == detail | {"promotions": sandbox.detail()["promotions"]}


def test_faults_fire_and_are_counted(sandbox: UniqodoSandbox, caller: UniqodoCaller) -> None:
    rules = [{"kind": "altered", "settings": {"data": "null"}, "count": 1}, {"kind": "500"}]
    assert caller.control("POST", "faults", rules).status_code == 201

    first, second = caller.query("ABC123"), caller.query("ABC123")

    assert first.json()["data"] is None
    assert second.status_code == 500
    assert sandbox.state.faults_fired == {"altered": 1, "500": 1}


def test_late_and_lost_redemptions_can_be_had(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    route = "POST /redeem/{key}/{code}/{merchant}"
    sandbox.faults(
        FaultRule(kind=FaultKind.LATE_COMMIT, route=route, seconds=60, count=1),
        FaultRule(kind=FaultKind.COMMIT_THEN_DROP, route=route),
    )
    redeem = f"{sandbox.url}/redeem/test-key-not-real/ISSUED22/1"

    assert requests.post(redeem, timeout=5).status_code == 504
    assert records_of(caller.query("issued@example.com")) == []
    sandbox.advance_clock(seconds=61)
    assert len(records_of(caller.query("issued@example.com"))) == 1

    with pytest.raises(requests.ConnectionError):
        requests.post(redeem.replace("ISSUED22", "TWICE222"), timeout=5)
    assert len(records_of(caller.query("twice@example.com", promotion=THREE_USES))) == 3


def test_reset_brings_the_start_back(sandbox: UniqodoSandbox, caller: UniqodoCaller) -> None:
    caller.control("DELETE", "redemptions/1925118")
    caller.control("POST", "settings", {"body": "totals"})
    caller.control("POST", "clock", {"advance_seconds": 10**8})

    assert caller.control("POST", "reset").status_code == 204

    assert sandbox.state.redemptions == 6
    assert caller.control("GET", "settings").json()["body"] == "redemption"
    assert caller.control("GET", "callbacks").json() == []


@pytest.mark.parametrize(
    ("method", "name", "body", "complaint"),
    [
        ("POST", "promotions", {"promotion_id": "x", "offer_id": 1}, "promotion_id"),
        ("POST", "promotions", {"promotion_id": "0" * 32, "offer_id": 0}, "offer_id"),
        ("POST", "users", {"promotion_id": "0" * 32, "user_id": "u"}, "promotion"),
        ("POST", "users", {"promotion_id": ONE_USE, "user_id": ""}, "user_id"),
        ("POST", "users", {"promotion_id": ONE_USE, "user_id": "u", "code": "BF39KD2H"}, "exists"),
        ("POST", "redemptions", {"promotion_id": "0" * 32, "user_id": "u"}, "promotion"),
        (
            "POST",
            "redemptions",
            {"promotion_id": ONE_USE, "user_id": "u", "record": {"id": 1925118}},
            "id",
        ),
        (
            "POST",
            "redemptions",
            {"promotion_id": ONE_USE, "user_id": "u", "record": {"id": "x"}},
            "id",
        ),
        ("PATCH", "redemptions/7", {"code": "x"}, "redemption 7"),
        ("PATCH", "redemptions/1925118", {"id": 7}, "id"),
        ("DELETE", "redemptions/7", None, "redemption 7"),
        ("POST", "callbacks/7", None, "redemption 7"),
        ("POST", "settings", {"body": "other"}, "body"),
        ("POST", "settings", {"seed": 1}, "seed"),
        ("POST", "settings", {"callback_names": {"secret": "x"}}, "secret"),
        ("POST", "settings", {"callback_url": "http://example.com"}, "callback_url"),
        ("POST", "faults", {"kind": "altered", "settings": {"data": "gone"}}, "data"),
    ],
)
def test_a_mistake_is_explained(
    caller: UniqodoCaller, method: str, name: str, body: object, complaint: str
) -> None:
    answer = caller.control(method, name, body)

    assert answer.status_code == 400
    assert complaint in answer.json()["message"]


def test_a_callback_can_be_sent_again_by_hand(caller: UniqodoCaller) -> None:
    assert caller.control("POST", "callbacks/1925118").status_code == 202


@pytest.mark.parametrize(("names", "keys"), [(("a", "a"), ("k", "l")), (("a", "b"), ("k", "k"))])
def test_two_accounts_differ_in_name_and_key(names: tuple[str, str], keys: tuple[str, str]) -> None:
    accounts = tuple(
        UniqodoKey(name=name, api_key=key) for name, key in zip(names, keys, strict=True)
    )

    with pytest.raises(ValueError, match="same name or the same key"):
        UniqodoSettings(accounts=accounts)
