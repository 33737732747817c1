"""Codes are issued, validated and redeemed at the simulated Uniqodo, with callbacks."""

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from couponbus_sandbox.uniqodo import (
    ODD,
    ONE_USE,
    THREE_USES,
    Promotion,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.integration.sockets import scripts
from tests.integration.sockets.server import faulty_server
from tests.sandbox.uniqodo_caller import UniqodoCaller, data_of, messages_of, records_of

USER = "Some+One@example.com"


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


def test_a_user_gets_the_same_code_again_and_another_user_another_code(
    caller: UniqodoCaller,
) -> None:
    first = data_of(caller.code(4884, uid=USER))
    others = [data_of(caller.code(4884, **given))["code"] for given in ({"uid": "b"}, {}, {})]

    assert data_of(caller.code(4884, uid=USER)) == first
    assert len({first["code"], *map(str, others)}) == 4
    assert first["url"] == f"https://codes.uniqodo.invalid/{first['code']}"


def test_codes_depend_only_on_the_seed_and_the_user(caller: UniqodoCaller) -> None:
    code = data_of(caller.code(4884, uid=USER))["code"]

    with (
        uniqodo_server(UniqodoSettings()) as same,
        uniqodo_server(UniqodoSettings(seed=1)) as other,
    ):
        UniqodoCaller(same.url).code(4884, uid="b")
        again = data_of(UniqodoCaller(same.url).code(4884, uid=USER))["code"]
        different = data_of(UniqodoCaller(other.url).code(4884, uid=USER))["code"]

    assert again == code
    assert different != code


def test_codes_run_out(sandbox: UniqodoSandbox, caller: UniqodoCaller) -> None:
    sandbox.add_promotions(Promotion(promotion_id="fe" * 16, offer_id=99, code_remaining=1))

    assert caller.code(99)["result"] == "success"
    assert messages_of(caller.code(99)) == ["There are no more codes of this offer."]
    assert messages_of(caller.code(100)) == ["The offer is not recognised."]


def test_a_promotion_may_have_codes_without_end(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    sandbox.add_promotions(Promotion(promotion_id="fe" * 16, offer_id=99, code_remaining=None))
    caller.code(99, uid=USER)

    offer = caller.query(USER, promotion="fe" * 16).json()["data"]["offer"]
    assert offer["code_remaining"] is None


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_a_redemption_becomes_a_record(
    sandbox: UniqodoSandbox, caller: UniqodoCaller, how: str
) -> None:
    sandbox.advance_clock(seconds=0)
    code = data_of(caller.code(4884, uid=USER))["code"]
    order = {"orderId": "order-1", "orderValue": "219.99", "currency": "EUR", "p1": "a", "p5": "e"}

    done = caller.shop("redeem", code, how=how, **order, disount="20")

    (record,) = records_of(caller.query(USER, promotion=THREE_USES))
    at = record.pop("redeemed_at")
    assert isinstance(at, str)
    assert len(at) == len("2019-05-15T08:55:37+0100")
    assert record == {
        "id": data_of(done)["id"],
        "offer_id": 4884,
        "merchant_id": 1,
        "distributor_id": 102,
        "code": code,
        "order_id": "order-1",
        "order_value": 219.99,
        "discount_value": 20,
        "currency": "EUR",
        "custom_params": '{"p1":"a","p5":"e"}',
        "tags": ["SUMMER_OFFER", "ONLINE"],
    }


def test_a_code_without_a_user_is_redeemed_by_the_named_one(caller: UniqodoCaller) -> None:
    code = data_of(caller.code(4884))["code"]

    caller.shop("redeem", code, email=USER)

    (record,) = records_of(caller.query(USER, promotion=THREE_USES))
    assert (record["code"], record["custom_params"]) == (code, None)


def test_a_code_is_used_up_after_its_number_of_uses(caller: UniqodoCaller) -> None:
    code = data_of(caller.code(4884, uid=USER))["code"]
    for _ in range(3):
        assert caller.shop("redeem", code)["result"] == "success"

    for what in ("validate", "redeem"):
        refused = caller.shop(what, code)
        assert (refused["data"], refused["result"]) == (None, "failure")
        assert refused["errors"] == caller.query(USER, promotion=THREE_USES).json()["errors"]


@pytest.mark.parametrize("merchant", ["1", "Uniqodo Test"])
@pytest.mark.parametrize("how", ["GET", "POST"])
def test_a_good_code_is_valid(caller: UniqodoCaller, merchant: str, how: str) -> None:
    valid = caller.shop("validate", "ISSUED22", merchant=merchant, how=how)

    data = data_of(valid)
    assert (valid["result"], valid["errors"]) == ("success", [])
    assert (data["code"], data["offer_id"]) == ("ISSUED22", 4883)
    assert data["val_key"]


@pytest.mark.parametrize(
    ("code", "merchant", "message"),
    [
        ("NOSUCH22", "1", "The code entered is not recognised."),
        ("ISSUED22", "2", "The merchant is not recognised."),
        ("RULE2222", "1", "Spend at least 50 GBP to use this code."),
        (
            "BF39KD2H",
            "1",
            "This code has already been redeemed and can no longer be used.",
        ),
    ],
)
def test_a_bad_code_is_refused_with_a_reason(
    sandbox: UniqodoSandbox, caller: UniqodoCaller, code: str, merchant: str, message: str
) -> None:
    for what in ("validate", "redeem"):
        assert messages_of(caller.shop(what, code, merchant=merchant)) == [message]
    assert sandbox.state.redemptions == 6


@pytest.mark.parametrize("value", ["x", "nan", "1e5", "", "1,5"])
def test_an_amount_is_a_plain_number(caller: UniqodoCaller, value: str) -> None:
    refused = caller.shop("redeem", "ISSUED22", how="GET", orderValue=value)

    assert messages_of(refused) == ["A value is not a number."]


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_a_callback_is_sent_for_each_redemption(
    sandbox: UniqodoSandbox, caller: UniqodoCaller, how: str
) -> None:
    names = {"id": "redemption", "code": "voucher", "orderValue": "value", "userId": "who"}
    with faulty_server(scripts.answer(b"", status="202 Accepted")) as shop:
        sandbox.change(
            callback_url=f"{shop.url}/hook?a=1", callback_method=how, callback_names=names
        )
        code = data_of(caller.code(4884, uid=USER))["code"]
        done = data_of(caller.shop("redeem", code, orderValue="12.5"))
        (callback,) = sandbox.callbacks()

    head, _, form = shop.requests[0].decode().partition("\r\n\r\n")
    target = head.split(" ")[1]
    sent = form if how == "POST" else target.partition("?")[2].removeprefix("a=1&")
    assert head.startswith(f"{how} /hook?a=1")
    assert parse_qs(sent) == {
        "redemption": [str(done["id"])],
        "voucher": [str(code)],
        "value": ["12.5"],
        "who": [USER],
    }
    noted = (callback["redemption_id"], callback["method"], callback["status"])
    assert noted == (done["id"], how, 202)
    assert sandbox.state.callbacks == 1


def test_a_callback_without_an_answer_is_sent_once_and_recorded(
    sandbox: UniqodoSandbox, caller: UniqodoCaller
) -> None:
    with faulty_server(scripts.close_after_request) as shop:
        sandbox.change(callback_url=shop.url)
        caller.shop("redeem", "ISSUED22")
        (callback,) = sandbox.callbacks()

    assert callback["status"] is None
    assert len(shop.requests) == 1
    assert b"promotionId=" + ONE_USE.encode() in shop.requests[0]


def test_a_callback_can_be_sent_again(sandbox: UniqodoSandbox) -> None:
    with faulty_server(scripts.answer()) as shop:
        sandbox.change(callback_url=shop.url)
        sandbox.resend_callback(1925302)
        (callback,) = sandbox.callbacks()

    assert callback["parameters"] == {
        "id": "1925302",
        "offerId": "4886",
        "merchantId": "1",
        "distributorId": "102",
        "code": "ODD22222",
        "orderId": "order-1925302",
        "orderValue": "0",
        "discountValue": "0",
        "currency": "GBP",
        "customParams": '{"p1":"example1","p2":"example2"}',
        "redeemedAt": "2015-05-30T10:39:17+0100",
        "promotionId": ODD,
        "userId": "odd@example.com",
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://user@127.0.0.1/",
        "ftp://127.0.0.1/",
        "x",
    ],
)
def test_callbacks_stay_on_this_machine(sandbox: UniqodoSandbox, url: str) -> None:
    with pytest.raises(ValueError, match="callback_url"):
        sandbox.change(callback_url=url)


@pytest.mark.parametrize("url", ["http://localhost:9/", "http://127.0.0.2:9/x", "http://[::1]:9/"])
def test_any_address_of_this_machine_may_get_callbacks(sandbox: UniqodoSandbox, url: str) -> None:
    sandbox.change(callback_url=url)

    assert sandbox.callbacks() == []
