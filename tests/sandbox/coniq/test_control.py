"""The control interface of the simulated Coniq, over HTTP and in-process."""

import threading
from datetime import datetime

import pytest
import requests
from pydantic import ValidationError

from couponbus_sandbox.coniq import (
    ApiAccount,
    ConiqSandbox,
    ConiqSettings,
    FaultKind,
    FaultRule,
    NewOffer,
    coniq_server,
)
from couponbus_sandbox.simulator.server import PortTakenError
from tests.sandbox.coniq_caller import Caller, any_item, any_items


def test_faults_are_added_listed_and_taken_away(caller: Caller) -> None:
    one, two = {"kind": "500", "count": 1}, {"kind": 429, "route": "GET *"}

    added = caller.control("POST", "faults", [one, two])
    assert caller.issue().status_code == 500
    listed = caller.control("GET", "faults").json()

    assert added.status_code == 201
    assert [(rule["kind"], rule["seen"], rule["fired"]) for rule in listed] == [
        ("500", 1, 1),
        ("429", 0, 0),
    ]
    assert caller.control("DELETE", "faults").status_code == 204
    assert caller.control("GET", "faults").json() == []
    assert caller.control("GET", "state").json()["faults_fired"] == {"500": 1}


def test_a_single_object_is_taken_for_a_list_of_one(caller: Caller) -> None:
    assert len(caller.control("POST", "faults", {"kind": "500"}).json()) == 1


@pytest.mark.parametrize(
    ("name", "body", "named"),
    [
        ("faults", [{"kind": "earthquake"}], "0.kind"),
        ("faults", [{"kind": "500", "often": 1}], "0.often"),
        ("faults", [{"kind": "500", "rate": 1.5}], "0.rate"),
        ("faults", [{"kind": "poison"}], "customer_id"),
        ("faults", "500", "valid array"),
        ("settings", {"batch_mode": "lenient"}, "batch_mode"),
        ("settings", {"seed": 5}, "seed"),
        ("settings", {"colour": 5}, "colour"),
        ("customers", [{"customer_id": 0}], "customer_id"),
        ("customers", [{"account": "unknown"}], "unknown account"),
        ("offers", [{"offer_id": "x"}], "offer_id"),
        ("offers", [{"offer_id": 5, "account": "unknown"}], "unknown account"),
        ("faults", [{"kind": "slow", "seconds": 1e300}], "0.seconds"),
        ("clock", {"advance_seconds": 1e300}, "advance_seconds"),
        ("clock", {}, "advance_seconds"),
        ("clock", {"now": "2030-01-01T00:00:00"}, "timezone"),
    ],
)
def test_a_mistake_is_400_and_says_where(
    caller: Caller, name: str, body: object, named: str
) -> None:
    response = caller.control("POST", name, body)

    assert response.status_code == 400
    assert named in response.json()["message"]


def test_an_unknown_control_is_404_and_no_provider_call(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    assert caller.control("GET", "nothing").status_code == 404
    assert caller.control("DELETE", "state").status_code == 404
    assert coniq.state.calls == {}


def test_the_state_counts_calls_by_route_and_status(coniq: ConiqSandbox, caller: Caller) -> None:
    caller.batch(any_items(3))
    caller.batch(any_items(2))
    caller.issue(channel="FAX")
    caller.get("/barcode", offer_id=101)
    caller.post("/signup/signup1.json", {"fields": {"email": "ada@example.com"}})

    state = caller.control("GET", "state").json()

    assert state["barcodes"] == 5
    assert state["customers"] == 1
    assert state["items_per_batch"] == [3, 2]
    assert state["calls"] == {
        "GET /barcode": {"200": 1},
        "POST /barcode": {"400": 1},
        "POST /barcode/batch": {"201": 2},
        "POST /signup/{hash}.json": {"201": 1},
    }
    assert state["calls"] == coniq.state.calls
    assert "detail" not in state


def test_the_detail_lists_barcodes_customers_and_offers(caller: Caller) -> None:
    issued = caller.issue().json()
    caller.control("POST", "customers", {"email": "ada@example.com"})
    caller.control("POST", "offers", [{"offer_id": 77, "validity_days": 1}])

    detail = caller.control("GET", "state?detail=1").json()["detail"]["main"]

    assert detail["barcodes"] == [issued]
    assert [customer["email"] for customer in detail["customers"]] == ["ada@example.com"]
    assert [offer["offer_id"] for offer in detail["offers"]] == [101, 102, 201, 202, 77]


def test_the_list_of_calls_shows_arrival_route_query_and_outcome(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.faults(FaultRule(kind=FaultKind.RESET_AFTER_COMMIT, count=1))
    with pytest.raises(requests.ConnectionError):
        caller.batch(any_items(2))
    caller.get("/barcode", customer_id=7)

    first, second = caller.control("GET", "calls").json()

    assert (first["route"], first["items"]) == ("POST /barcode/batch", 2)
    assert (first["status"], first["fault"]) == (None, "reset_after_commit")
    assert (second["query"], second["status"]) == ({"customer_id": "7"}, 200)
    assert second["arrived_monotonic"] > first["arrived_monotonic"]
    assert datetime.fromisoformat(second["arrived_at"]).tzinfo is not None
    assert caller.control("GET", f"calls?since={first['number']}").json() == [second]
    assert caller.control("GET", "calls?since=x").status_code == 400


def test_reset_goes_back_to_the_start(coniq: ConiqSandbox, caller: Caller) -> None:
    item = any_item()
    before = caller.batch([item]).json()[0]["barcode_number"]
    caller.control("POST", "customers", {"email": "ada@example.com"})
    caller.control("POST", "settings", {"batch_mode": "atomic"})
    caller.control("POST", "faults", {"kind": "late_commit", "seconds": 60})
    caller.control("POST", "clock", {"advance_seconds": 86400})
    caller.batch(any_items(1))

    assert caller.control("POST", "reset").status_code == 204

    state = coniq.state
    assert (state.barcodes, state.customers, state.late_commits_pending) == (0, 0, 0)
    assert (state.calls, state.faults_fired, state.items_per_batch) == ({}, {}, [])
    assert caller.control("GET", "settings").json()["batch_mode"] == "partial"
    assert caller.batch([item]).json()[0]["barcode_number"] == before


def test_settings_are_changed_and_shown_without_keys(caller: Caller) -> None:
    changed = caller.control("POST", "settings", {"batch_mode": "atomic", "list_cap": 5})

    assert changed.status_code == 200
    assert changed.json() == caller.control("GET", "settings").json()
    assert (changed.json()["batch_mode"], changed.json()["list_cap"]) == ("atomic", 5)
    assert "not-real" not in changed.text


def test_customers_get_the_ids_that_are_asked_for_or_free(caller: Caller) -> None:
    added = caller.control("POST", "customers", [{"customer_id": 1_000_001}, {}, {}])

    assert added.json() == {"customer_ids": [1_000_001, 1_000_002, 1_000_003]}


def test_an_offer_is_replaced(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.add_offers(NewOffer(offer_id=101, kind="loyalty", requires_activation=True))

    assert caller.issue(offer_id=101).json()["active"] is False


def test_the_clock_moves_and_runs_on(coniq: ConiqSandbox, caller: Caller) -> None:
    caller.control("POST", "clock", {"now": "2030-01-31T12:00:00Z"})
    barcode = caller.issue().json()
    caller.control("POST", "clock", {"advance_seconds": 3600})

    assert barcode["created_datetime_utc"].startswith("2030-01-31T12:00:0")
    assert barcode["expiry_date"] == "2030-03-02"
    assert coniq.state.clock.startswith("2030-01-31T13:00:0")
    assert coniq.advance_clock(seconds=-3600).hour == 12


def test_ten_callers_at_once_get_200_barcodes_each(coniq: ConiqSandbox) -> None:
    batches = [any_items(200) for _ in range(10)]
    statuses: list[int] = []

    def call(items: list[dict[str, object]]) -> None:
        statuses.append(Caller(coniq.url).batch(items).status_code)

    threads = [threading.Thread(target=call, args=(items,)) for items in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert statuses == [201] * 10
    assert (coniq.state.barcodes, coniq.state.repeated_tracking_codes) == (2000, {})
    assert len({barcode["barcode_number"] for barcode in coniq.barcodes()}) == 2000


def test_faults_are_cleared_in_process(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.faults(FaultRule(kind=FaultKind.SERVER_ERROR))
    coniq.clear_faults()

    assert caller.issue().status_code == 201


def test_a_mistake_in_process_is_raised_where_it_was_made(coniq: ConiqSandbox) -> None:
    with pytest.raises(ValidationError):
        coniq.change(batch_mode="lenient")


def test_two_accounts_cannot_share_a_name_or_a_key() -> None:
    with pytest.raises(ValueError, match="two have the same"):
        ConiqSettings(
            accounts=(
                ApiAccount(name="one", api_key="key-not-real"),
                ApiAccount(name="two", api_key="key-not-real"),
            )
        )


def test_a_key_is_not_shown_by_its_account() -> None:
    assert "key-not-real" not in repr(ApiAccount(name="one", api_key="key-not-real"))


def test_bad_settings_are_refused_before_the_server_starts() -> None:
    settings = ConiqSettings(accounts=())

    with pytest.raises(ValidationError), coniq_server(settings):
        pass


def test_a_taken_port_is_said_clearly(coniq: ConiqSandbox) -> None:
    port = int(coniq.url.rpartition(":")[2])

    with pytest.raises(PortTakenError, match=str(port)), coniq_server(ConiqSettings(), port=port):
        pass
