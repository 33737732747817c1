"""The control interface of the simulated Koupon, over HTTP and in-process."""

from collections.abc import Iterator

import pytest

from couponbus_sandbox.koupon import Access, FaultRule, KouponSandbox, KouponSettings, koupon_server
from couponbus_sandbox.simulator.faults import FaultKind
from tests.sandbox.koupon_caller import KouponCaller

EVENING = "2090-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def koupon(running: KouponSandbox) -> KouponSandbox:
    running.reset()
    return running


@pytest.fixture
def caller(koupon: KouponSandbox) -> KouponCaller:
    return KouponCaller(koupon.url)


def test_a_consumer_an_offer_and_a_store_are_added(caller: KouponCaller) -> None:
    store = {"store_id": "99", "lat": 1, "lon": 2, "group": "islands"}
    offer = {"offer_id": 5, "store_ids": ["99"], "ends": "2089-01-01T00:00:00+00:00"}
    consumer = {"consumer": "ann", "authenticated_brands": [77], "targeted": [1286]}

    for name, body in (("stores", store), ("offers", [offer]), ("consumers", consumer)):
        assert caller.control("POST", name, body).status_code == 204

    assert caller.offer_ids("?store_group=islands") == [5]
    assert 1285 in caller.offer_ids()
    detail = caller.control("GET", "state?detail=1").json()["detail"]
    assert detail["consumers"] == [
        {
            "consumer": "ann",
            "authenticated_brands": [77],
            "targeted": [1286],
            "redeemed": {},
            "states": [],
        }
    ]
    assert {each["offer_id"] for each in detail["offers"]} >= {5, 1281}
    assert {each["store_id"] for each in detail["stores"]} == {"12", "34", "56", "99"}


def test_redeeming_and_voiding_are_counted(caller: KouponCaller) -> None:
    one = {"consumer": "ann", "offer_id": 1281}

    redeemed = caller.control("POST", "redeem", {**one, "times": 5}).json()
    voided = caller.control("POST", "void", one).json()
    state = caller.control("GET", "state").json()

    assert (redeemed, voided) == ({"redeemed": 2}, {"voided": 1})
    assert (state["redemptions"], state["voids"], state["consumers"]) == (2, 1, 1)
    assert (state["offers"], state["stores"], state["late_commits_pending"]) == (7, 3, 0)


def test_an_offer_is_withdrawn(koupon: KouponSandbox, caller: KouponCaller) -> None:
    assert caller.control("DELETE", "offers/1281").status_code == 204
    assert caller.control("DELETE", "offers/1281").status_code == 400
    assert 1281 not in caller.offer_ids()
    koupon.remove_offer(1282)
    with pytest.raises(KeyError):
        koupon.remove_offer(1282)
    koupon.reset()
    assert 1281 in caller.offer_ids()


def test_calls_are_listed_without_a_count_of_items(caller: KouponCaller) -> None:
    caller.offer_ids("?channel=web")

    (call,) = caller.control("GET", "calls").json()

    assert (call["route"], call["account"], call["items"], call["status"]) == (
        "GET /v2/{consumer}/offers",
        "main",
        None,
        200,
    )
    assert call["query"]["channel"] == "web"


def test_settings_are_shown_and_changed(caller: KouponCaller) -> None:
    changed = caller.control("POST", "settings", {"code": "string"}).json()

    assert changed["code"] == "string"
    assert caller.control("GET", "settings").json() == changed
    assert not {"accounts", "offers", "stores", "seed"} & changed.keys()
    assert caller.get("/v2/ann/offers").json()["code"] == "200"


def test_the_clock_is_set(caller: KouponCaller) -> None:
    now = caller.control("POST", "clock", {"now": EVENING}).json()["now"]

    assert now.startswith("2090-01-01T00:00:0")
    assert caller.get("/v2/ann/offers").status_code == 401


@pytest.mark.parametrize(
    ("name", "body", "named"),
    [
        ("consumers", [{"name": "ann"}], "consumer"),
        ("consumers", [{"consumer": "ann", "targeted": [0]}], "targeted"),
        ("offers", [{"offer_id": 0}], "offer_id"),
        ("offers", [{"offer_id": 5, "style": "Hologram"}], "style"),
        ("offers", [{"offer_id": 5, "ends": "2026-01-01T00:00:00"}], "ends"),
        ("stores", [{"store_id": "1,2", "lat": 1, "lon": 1}], "store_id"),
        ("stores", [{"store_id": "1", "lat": 91, "lon": 1}], "lat"),
        ("redeem", {"consumer": "ann", "offer_id": 9}, "consumer or offer"),
        ("void", {"consumer": "ann"}, "offer_id"),
        ("settings", {"timezone": "Nowhere"}, "timezone"),
        ("settings", {"offers": []}, "offers"),
        ("settings", {"public_base_url": "consumer"}, "public_base_url"),
        ("faults", [{"kind": "altered", "settings": {"colour": 1}}], "colour"),
        ("faults", [{"kind": "altered", "settings": {"seed": 1}}], "seed"),
    ],
)
def test_a_mistake_is_400_and_says_where(
    caller: KouponCaller, name: str, body: object, named: str
) -> None:
    response = caller.control("POST", name, body)

    assert response.status_code == 400
    assert named in response.json()["message"]


def test_a_fault_may_alter_one_call(koupon: KouponSandbox, caller: KouponCaller) -> None:
    koupon.faults(FaultRule(kind=FaultKind.ALTERED, settings={"code": "string"}, count=1))

    codes = [caller.get("/v2/ann/offers").json()["code"] for _ in range(2)]

    assert codes == ["200", 200]


def test_a_fault_of_batches_changes_nothing_at_a_provider_without_batches(
    koupon: KouponSandbox, caller: KouponCaller
) -> None:
    koupon.faults(FaultRule(kind=FaultKind.K_OF_N, route="GET *", count=1))
    koupon.faults(FaultRule(kind=FaultKind.POISON, customer_id=7))

    assert caller.offer_ids() == caller.offer_ids()
    assert koupon.state.faults_fired == {"k_of_n": 1}


def test_a_fault_may_be_plain_text(koupon: KouponSandbox, caller: KouponCaller) -> None:
    koupon.faults(FaultRule(kind=FaultKind.FORBIDDEN, text="No Redemptions", count=1))
    koupon.faults(FaultRule(kind=FaultKind.NOT_ACCEPTABLE, count=1))

    forbidden, unacceptable = caller.get("/v2/ann/offers"), caller.get("/v2/ann/offers")

    assert (forbidden.status_code, forbidden.text) == (403, "No Redemptions")
    assert unacceptable.json()["code"] == 406


@pytest.mark.parametrize(
    "accounts",
    [
        (),
        (
            Access(name="a", identifier="one", secret="s"),
            Access(name="a", identifier="b", secret="s"),
        ),
        (
            Access(name="a", identifier="one", secret="s"),
            Access(name="b", identifier="one", secret="s"),
        ),
        (Access(name="a", identifier="with space", secret="s"),),
    ],
)
def test_bad_accounts_are_refused_at_the_start(accounts: tuple[Access, ...]) -> None:
    with (
        pytest.raises(ValueError, match=r"accounts|identifier"),
        koupon_server(KouponSettings(accounts=accounts)),
    ):
        pass
