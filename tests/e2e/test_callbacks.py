"""Inbound HTTP requests, through the deployed API Gateway to their effects."""

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
import requests

from couponbus.domain.webhooks.signature import key_of, signed
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Json, Product, any_customer, sign_up
from tests.e2e.watching import Watching

NOT_FOUND = {"message": "Not Found"}
UNSIGNED, TOO_MANY = 400, 429
SHOP = "shop"  # the one producer of this stage, and its tenant


@pytest.fixture
def watching(product: Product) -> Iterator[Watching]:
    """Have Uniqodo call back for each redemption."""
    product.stack.uniqodo.change(
        callback_url=product.stack.callbacks.hints_url,
        callback_ca=str(product.stack.access.ca_bundle),
    )
    yield Watching(product)
    product.stack.uniqodo.change(callback_url=None)


def ask(
    product: Product,
    url: str,
    *,
    method: str = "POST",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    return requests.request(
        method,
        url,
        data=body,
        headers=dict(headers or {}),
        verify=str(product.stack.access.ca_bundle),
        timeout=30,
    )


def signed_headers(
    product: Product,
    body: bytes,
    *,
    late: timedelta = timedelta(),
    secret: str = "",
    message_id: str = "",
) -> dict[str, str]:
    stack, message_id = product.stack, message_id or f"msg_{uuid.uuid4().hex}"
    at = stack.clock.now() - late
    keys = [key_of(secret or stack.callbacks.sign_ups_secret)]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed(message_id=message_id, at=at, body=body, keys=keys),
    }


def body_of(*details: Json) -> bytes:
    return json.dumps({"sign_ups": details}).encode()


def test_signed_sign_ups_get_their_barcodes_once_however_often_they_are_sent(
    product: Product,
) -> None:
    ann, ben = any_customer(), any_customer()
    body = body_of(sign_up(ann), sign_up(ben, attributes={"kind": "plain", "name": "Zoë"}))
    headers = signed_headers(product, body)
    url = product.stack.callbacks.sign_ups_url

    first = ask(product, url, body=body, headers=headers)
    second = ask(product, url, body=body, headers=headers)
    for who in (ann, ben):
        product.until_received("BarcodeIssued", who.signup_id)

    assert (first.status_code, second.status_code) == (202, 202)
    accepted = [{"signup_id": who.signup_id} for who in (ann, ben)]
    assert first.json() == second.json()
    assert first.json()["accepted"] == accepted
    assert first.headers["cache-control"] == "no-store"
    assert [len(product.numbers(who)) for who in (ann, ben)] == [1, 1]


def test_what_is_not_as_it_must_be_is_refused_at_the_door(product: Product) -> None:
    where, body = product.stack.callbacks, body_of(sign_up(any_customer(), signup_id="\x07"))
    headers = signed_headers(product, body)
    late = signed_headers(product, body, late=timedelta(minutes=6))

    answers = [
        ask(product, where.sign_ups_url, body=body, headers=headers),
        ask(product, where.sign_ups_url, body=body + b" ", headers=headers),
        ask(product, where.sign_ups_url, body=body, headers=late),
        ask(product, where.sign_ups_url, body=b" " * 262_145, headers=headers),
        ask(product, where.sign_ups_url, method="GET"),
        ask(product, f"{where.url}/callbacks/uniqodo/{'x' * 44}"),
        ask(product, f"{where.url}/nothing"),
    ]

    assert [each.status_code for each in answers] == [400, 401, 401, 413, 405, 404, 404]
    assert answers[0].json()["problems"][0]["field"] == "signup_id"
    assert [each.json() for each in answers[-2:]] == [NOT_FOUND, NOT_FOUND]
    assert answers[4].headers["allow"] == "POST"


def test_a_producer_signs_up_on_its_own_path_with_its_own_secret_for_its_own_tenant(
    product: Product,
) -> None:
    where, who = product.stack.callbacks, any_customer()
    own_url = f"{where.sign_ups_url}/{SHOP}"
    own = product.stack.access.secrets().get_secret_value(
        SecretId=product.stack.names.secret(f"sign-ups/{SHOP}")
    )
    secret = own["SecretString"]

    def post(
        *, url: str = own_url, secret: str = secret, tenant: str = SHOP, consent: str = "one"
    ) -> requests.Response:
        body = body_of(sign_up(who, tenant=tenant, consents=[consent]))
        headers = signed_headers(product, body, secret=secret, message_id=f"msg_{who.signup_id}")
        return ask(product, url, body=body, headers=headers)

    foreign = post(tenant="rival")
    unsigned = [post(url=where.sign_ups_url), post(secret=where.sign_ups_secret)]
    accepted, reused = post(), post(consent="another")
    product.until_received("BarcodeIssued", who.signup_id)

    assert foreign.json()["problems"][0]["problem"] == "tenant_not_allowed"
    statuses = [each.status_code for each in (foreign, *unsigned, accepted, reused)]
    assert statuses == [400, 401, 401, 202, 409]
    assert len(product.numbers(who)) == 1


def test_a_flood_on_the_path_of_a_producer_uses_up_its_own_limit_only(product: Product) -> None:
    where = product.stack.callbacks
    unsigned = f"{where.sign_ups_url}/{SHOP}"

    until(lambda: ask(product, unsigned).status_code == TOO_MANY)

    assert ask(product, where.sign_ups_url).status_code == UNSIGNED


def test_a_redemption_in_a_callback_is_recorded_before_a_poll_is_due(
    watching: Watching,
) -> None:
    product, who = watching.product, any_customer()
    customer = {"coniq_customer_id": who.customer_id, **watching.with_code(who)}
    product.put_events(sign_up(who, kind="watched", customer=customer))
    product.until_received("BarcodeIssued", who.signup_id)
    watching.until_watched(who.signup_id)

    native_id = watching.redeem_at_uniqodo(who)
    until(lambda: product.received("RedemptionRecorded", who.signup_id))

    (received,) = product.received("RedemptionRecorded", who.signup_id)
    assert received.data["native_id"] == native_id
    callback = watching.uniqodo.callbacks()[-1]
    assert (callback["method"], callback["status"]) == ("POST", 204)


def test_callbacks_that_name_no_watch_are_counted_where_an_operator_looks(
    product: Product,
) -> None:
    url, boundary = product.stack.callbacks.hints_url, "fake-boundary"
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="promotionId"\r\n\r\n'
    parts = f"{part}{'a0' * 16}\r\n--{boundary}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}

    answers = [
        ask(product, url, body=b"code=C-1&offerId=77&id=1925302"),
        ask(product, url, body=parts, headers=headers),
        ask(product, f"{product.stack.callbacks.url}/callbacks/uniqodo/{'x' * 44}", body=b"code=1"),
    ]

    polling = json.loads(product.couponbus("status", "--json").stdout)["polling"]
    (account,) = [each for each in polling["accounts"] if each["provider"] == "uniqodo"]
    ignored = account["ignored_callbacks"]
    assert [each.status_code for each in answers] == [204, 204, 404]
    assert ignored == {"no_promotion": 1, "no_user": 1, "last_at": ignored["last_at"]}
