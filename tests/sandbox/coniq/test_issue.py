"""How the simulated Coniq issues: one barcode, or a batch in each of its modes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from couponbus_sandbox.coniq import (
    ApiAccount,
    ConiqSandbox,
    ConiqSettings,
    FaultKind,
    FaultRule,
    Offer,
    coniq_server,
)
from couponbus_sandbox.coniq.book import AccountBook, NewBarcode
from tests.sandbox.coniq_caller import Caller, any_item, any_items

NINE_FIELDS = {
    "barcode_number",
    "offer_id",
    "customer_id",
    "channel",
    "tracking_code",
    "image_url",
    "active",
    "expiry_date",
    "created_datetime_utc",
}


TWO_BRANDS = ConiqSettings(
    accounts=(
        ApiAccount(name="one", api_key="key-one-not-real"),
        ApiAccount(name="two", api_key="key-two-not-real"),
    )
)


def test_a_barcode_of_a_plain_offer_has_nine_fields(caller: Caller) -> None:
    response = caller.issue(offer_id=101, customer_id=7, channel="MAIL", tracking_code="t-1")

    barcode = response.json()
    assert response.status_code == 201
    assert barcode.keys() == NINE_FIELDS
    assert (barcode["offer_id"], barcode["customer_id"]) == (101, 7)
    assert (barcode["channel"], barcode["tracking_code"]) == ("MAIL", "t-1")
    assert barcode["active"] is None
    assert barcode["barcode_number"] in barcode["image_url"]
    created = datetime.fromisoformat(barcode["created_datetime_utc"])
    assert abs(created - datetime.now(UTC)) < timedelta(seconds=10)
    assert date.fromisoformat(barcode["expiry_date"]) == created.date() + timedelta(days=30)


@pytest.mark.parametrize(("offer_id", "active"), [(201, False), (202, True)])
def test_a_barcode_of_a_loyalty_program_is_active_unless_it_needs_activation(
    caller: Caller, offer_id: int, active: bool
) -> None:
    barcode = caller.issue(offer_id=offer_id).json()

    assert (barcode["active"], barcode["expiry_date"]) == (active, None)


def test_an_offer_that_is_not_configured_is_plain_in_an_open_world(caller: Caller) -> None:
    barcode = caller.issue(offer_id=123_456).json()

    created = datetime.fromisoformat(barcode["created_datetime_utc"]).date()
    assert barcode["active"] is None
    assert date.fromisoformat(barcode["expiry_date"]) == created + timedelta(days=30)


def test_a_number_that_is_taken_is_not_given_again() -> None:
    options = NewBarcode(offer_id=102, customer_id=7, channel="MAIL", tracking_code=None)
    now = datetime.now(UTC)
    plain = Offer(offer_id=102)

    def book() -> AccountBook:
        return AccountBook(name="main", seed=0, offers=[plain])

    first = book().issue(options, offer=plain, now=now, delay=0)
    crowded = book()
    crowded.barcodes[first.number] = first
    second = crowded.issue(options, offer=plain, now=now, delay=0)

    assert int(second.number) == int(first.number) + 1


def test_what_does_not_apply_is_left_out_by_setting(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(absent_fields="omit")

    absent = NINE_FIELDS - caller.issue(offer_id=102).json().keys()

    assert absent == {"active", "expiry_date", "tracking_code"}


def test_moments_have_no_zone_by_setting(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(datetime_style="naive")

    created = caller.issue().json()["created_datetime_utc"]

    assert datetime.fromisoformat(created).tzinfo is None


def test_ids_may_be_strings_and_come_back_as_integers(caller: Caller) -> None:
    barcode = caller.issue(offer_id="101", customer_id="007").json()

    assert (barcode["offer_id"], barcode["customer_id"]) == (101, 7)


def test_numbers_have_sixteen_digits_from_24_and_never_repeat(caller: Caller) -> None:
    items = [any_item(customer_id=1 + place % 3) for place in range(200)]

    numbers = [barcode["barcode_number"] for barcode in caller.batch(items).json()]

    assert len(set(numbers)) == 200
    assert all(len(n) == 16 and n.isdecimal() and n.startswith("24") for n in numbers)


def test_the_same_seed_gives_the_same_numbers_in_any_order(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    items = any_items(5)

    def numbers(sent: list[dict[str, object]]) -> set[str]:
        coniq.reset()
        return {barcode["barcode_number"] for barcode in caller.batch(sent).json()}

    assert numbers(items) == numbers(items[::-1])
    with coniq_server(ConiqSettings(seed=1)) as other:
        response = Caller(other.url).batch(items)
    assert not numbers(items) & {barcode["barcode_number"] for barcode in response.json()}


def test_a_second_post_makes_a_second_barcode(coniq: ConiqSandbox, caller: Caller) -> None:
    first, second = (caller.issue(customer_id=7, tracking_code="same") for _ in range(2))

    assert first.json()["barcode_number"] != second.json()["barcode_number"]
    assert coniq.state.repeated_tracking_codes == {"same": 2}
    assert coniq.state.repeated_customer_offers == {"main/7/101": 2}


def test_a_second_post_gets_the_first_barcode_by_setting(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    coniq.change(duplicates="reuse")

    first, second = caller.issue(customer_id=7), caller.issue(customer_id=7)
    batch = caller.batch([any_item(customer_id=7), any_item(customer_id=7, offer_id=102)])

    assert (first.status_code, second.status_code, batch.status_code) == (201, 200, 201)
    assert second.json() == first.json() == batch.json()[0]
    assert coniq.state.barcodes == 2


def test_a_batch_of_200_is_answered_with_a_bare_array_in_order(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    items = any_items(200)

    response = caller.batch(items)

    assert response.status_code == 201
    assert [barcode["tracking_code"] for barcode in response.json()] == [
        item["tracking_code"] for item in items
    ]
    assert coniq.state.items_per_batch == [200]


@pytest.mark.parametrize("number", [0, 201])
def test_an_empty_or_overfull_batch_is_400_and_creates_nothing(
    coniq: ConiqSandbox, caller: Caller, number: int
) -> None:
    assert caller.batch(any_items(number)).status_code == 400
    assert coniq.state.barcodes == 0


def test_a_batch_that_is_no_array_is_400(caller: Caller) -> None:
    assert caller.batch({"barcodes": any_items(1)}).status_code == 400


def test_a_batch_has_an_envelope_by_setting(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(batch_request_envelope="barcodes")

    bare, wrapped = caller.batch(any_items(1)), caller.batch({"barcodes": any_items(2)})

    assert (bare.status_code, wrapped.status_code) == (400, 201)
    assert len(wrapped.json()) == 2
    coniq.faults(FaultRule(kind=FaultKind.K_OF_N, items=1))
    assert len(caller.batch({"barcodes": any_items(3)}).json()) == 1


def with_bad_ones() -> list[dict[str, object]]:
    return [any_item(channel="FAX"), any_item(tracking_code="good"), any_item(offer_id=999)]


def closed_world(coniq: ConiqSandbox, items: list[dict[str, object]]) -> None:
    coniq.change(open_world=False)
    for item in items:
        Caller(coniq.url).control("POST", "customers", {"customer_id": item["customer_id"]})


def test_a_partial_batch_creates_the_good_ones_and_says_which_were_bad(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    items = with_bad_ones()
    closed_world(coniq, items)

    response = caller.batch(items)

    invalid, good, unknown = response.json()
    assert response.status_code == 207
    assert (invalid["index"], invalid["code"], invalid["message"]) == (0, 400, "Validation Failed")
    assert invalid["error"] == ["channel: The value you selected is not a valid choice."]
    assert good["tracking_code"] == "good"
    assert (unknown["index"], unknown["code"], unknown["message"]) == (2, 404, "Not Found")
    assert "tracking_code" not in invalid
    assert coniq.state.barcodes == 1


def test_errors_of_a_batch_repeat_the_ids_by_setting(coniq: ConiqSandbox, caller: Caller) -> None:
    coniq.change(error_items="index_and_ids")
    bad = any_item(channel="FAX", tracking_code="t-9")

    error, no_object = caller.batch([bad, "24"]).json()

    assert {name: error[name] for name in bad} == bad
    assert no_object["index"] == 1


def test_an_atomic_batch_with_a_bad_item_is_400_and_creates_nothing(
    coniq: ConiqSandbox, caller: Caller
) -> None:
    items = with_bad_ones()
    closed_world(coniq, items)
    coniq.change(batch_mode="atomic")

    response = caller.batch(items)

    assert response.status_code == 400
    assert [error["index"] for error in response.json()["errors"]] == [0, 2]
    assert coniq.state.barcodes == 0
    assert caller.batch(items[1:2]).status_code == 201


@pytest.mark.parametrize(
    ("shape", "good_key", "bad_key"),
    [
        ("barcodes_errors", "barcodes", "errors"),
        ("data_errors", "data", "errors"),
        ("successes_failures", "successes", "failures"),
    ],
)
def test_a_batch_answer_separates_good_and_bad_by_setting(
    coniq: ConiqSandbox, caller: Caller, shape: str, good_key: str, bad_key: str
) -> None:
    coniq.change(batch_answer=shape)

    mixed = caller.batch([any_item(channel="FAX"), any_item(tracking_code="good")])
    all_good = caller.batch(any_items(2))

    assert (mixed.status_code, all_good.status_code) == (207, 201)
    assert [barcode["tracking_code"] for barcode in mixed.json()[good_key]] == ["good"]
    assert [error["index"] for error in mixed.json()[bad_key]] == [0]
    assert len(all_good.json()[good_key]) == 2
    assert all_good.json()[bad_key] == []


def test_accounts_do_not_see_each_other() -> None:
    with coniq_server(TWO_BRANDS) as sandbox:
        one = Caller(sandbox.url, api_key="key-one-not-real")
        two = Caller(sandbox.url, api_key="key-two-not-real")
        one_number = one.issue(customer_id=7).json()["barcode_number"]

        assert [b["barcode_number"] for b in one.get("/barcode", customer_id=7).json()] == [
            one_number
        ]
        assert two.get("/barcode", customer_id=7).json() == []
        assert two.issue(customer_id=7).json()["barcode_number"] != one_number
        assert sandbox.state.accounts == {
            "one": {"barcodes": 1, "customers": 0},
            "two": {"barcodes": 1, "customers": 0},
        }
        assert len(sandbox.barcodes(account="two")) == 1
        assert [call["account"] for call in sandbox.calls()] == ["one", "one", "two", "two"]
