"""A callback is read in each form that a provider may send, and never causes an error."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.events.commands import ContinueWork
from couponbus.usecases.inbound.http import Answer, Request
from couponbus.usecases.inbound.receive_callback import UNIQODO as UNIQODO_PATH
from couponbus.usecases.inbound.receive_hints import FORM_BYTES
from couponbus.usecases.invocation import Metric
from tests.unit.usecases.inbound.receiving_world import (
    FORM,
    NO_HEADERS,
    PATH_SECRET,
    USER,
    ReceivingWorld,
    watch_key_in,
)
from tests.unit.usecases.polling.polling_world import PROMOTION

type Headers = Mapping[str, str]


@pytest.fixture
def world() -> ReceivingWorld:
    return ReceivingWorld()


BOUNDARY = "--fake-boundary--"
MULTIPART = {"content-type": f'multipart/form-data; boundary="{BOUNDARY}"'}


def parts_of(*fields: tuple[str, str]) -> bytes:
    """Return a multipart body, as a client with these fields sends it."""
    named = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    return "".join([*named, f"--{BOUNDARY}--\r\n"]).encode()


def a_callback(
    *, query: str = "", body: str | bytes = "", headers: Headers = NO_HEADERS
) -> Request:
    return Request(
        method="POST",
        path=UNIQODO_PATH,
        secret=PATH_SECRET,
        headers=headers,
        query=query,
        body=body.encode() if isinstance(body, str) else body,
    )


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", urlencode({"PROMOTIONID": PROMOTION, "userid": USER})),
        (urlencode({"promotionId": PROMOTION}), urlencode({"userId": USER})),
        (FORM, FORM),
        ("", json.dumps({"promotionId": PROMOTION, "UserId": USER, "orderValue": 9.5})),
        (urlencode({"promotionId": PROMOTION}), json.dumps({"userId": USER})),
        (urlencode({"promotionId": PROMOTION.upper(), "userId": USER}), ""),
        ("", json.dumps({"promotionId": str(UUID(PROMOTION)), "userId": USER})),
        ("", urlencode({"promotionId": str(UUID(PROMOTION)).upper(), "userId": USER})),
    ],
)
def test_a_callback_is_understood_in_each_form_of_the_providers_page(
    world: ReceivingWorld, query: str, body: str
) -> None:
    assert world.receiver.handle(a_callback(query=query, body=body)).answer.status == 204
    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world),))]


def test_a_number_in_json_is_read_as_its_digits(world: ReceivingWorld) -> None:
    world.receiver.handle(a_callback(body=json.dumps({"promotionId": PROMOTION, "userid": 4711})))

    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world, user="4711"),))]


@pytest.mark.parametrize("value", [True, False, None, 47.11, -4711, [4711], {"id": 4711}])
def test_what_is_no_number_of_a_user_names_no_watch(world: ReceivingWorld, value: object) -> None:
    world.receiver.handle(a_callback(body=json.dumps({"promotionId": PROMOTION, "userId": value})))

    assert world.polls.sent == []


@pytest.mark.parametrize(
    "body",
    [
        parts_of(("promotionId", PROMOTION), ("userId", USER)),
        parts_of(("PROMOTIONID", PROMOTION.upper()), ("userid", USER), ("code", "C-1")),
        b"a preamble\r\n" + parts_of(("promotionId", PROMOTION), ("userId", USER)),
        parts_of(("promotionId", PROMOTION), ("userId", USER)).replace(b"\r\n", b"\n"),
        parts_of(("promotionId", PROMOTION), ("userId", USER)).replace(
            b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        ),
    ],
)
def test_a_multipart_body_is_understood(world: ReceivingWorld, body: bytes) -> None:
    reception = world.receiver.handle(a_callback(body=body, headers=MULTIPART))

    assert reception.answer.status == 204
    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world),))]


def test_query_and_multipart_body_are_read_together(world: ReceivingWorld) -> None:
    body = parts_of(("userId", "Zoë Ångström"))
    query = urlencode({"promotionId": PROMOTION})
    world.receiver.handle(a_callback(query=query, body=body, headers=MULTIPART))

    assert world.polls.sent == [ContinueWork(keys=(watch_key_in(world, user="Zoë Ångström"),))]


GOOD_PARTS = parts_of(("promotionId", PROMOTION), ("userId", USER))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (FORM.encode(), MULTIPART["content-type"]),
        (b"", MULTIPART["content-type"]),
        (GOOD_PARTS, "multipart/form-data"),
        (GOOD_PARTS, "multipart/form-data; boundary="),
        (GOOD_PARTS, "multipart/form-data; boundary=another"),
        (GOOD_PARTS, "application/octet-stream"),
        (GOOD_PARTS[:-12], MULTIPART["content-type"]),
        (parts_of(("promotionId", PROMOTION), ("userId", USER), ("userId", "b")), None),
        (parts_of(("promotionId", PROMOTION), ("userId", USER), ("USERID", "b")), None),
        (parts_of(("promotionId", PROMOTION), ("userId", f"{USER}\r\nmore")), None),
        (parts_of(("promotionId", PROMOTION), ('userId"; filename="f', USER)), None),
        (parts_of(*((f"f{n}", "") for n in range(90)), *[("g", "")] * 11), None),
        (GOOD_PARTS + b"x" * FORM_BYTES, None),
        (f"--{BOUNDARY}\n".encode() + b"Content-Type:message/rfc822\n\n" * 260, None),
    ],
)
def test_a_multipart_body_that_cannot_be_read_is_ignored(
    world: ReceivingWorld, body: bytes, content_type: str | None
) -> None:
    headers = MULTIPART if content_type is None else {"content-type": content_type}
    reception = world.receiver.handle(a_callback(body=body, headers=headers))

    assert reception.answer.status == 204
    assert reception.counts == {Metric.HINTS_IGNORED: 1}
    assert world.polls.sent == []


@given(
    middle=st.binary(max_size=400),
    pieces=st.lists(
        st.sampled_from(
            [
                b"--fake-boundary--",
                b"\r\n",
                b"Content-Disposition: form-data; name=userId",
                b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
                b"Content-Type: message/rfc822\r\n\r\n",
                b"Content-Transfer-Encoding: base64\r\n\r\n",
                b"; name*=utf-8''%ff; filename=\"",
            ]
        ),
        max_size=40,
    ),
)
def test_no_multipart_body_causes_an_error(middle: bytes, pieces: list[bytes]) -> None:
    body = b"".join([*pieces[::2], middle, *pieces[1::2]])

    assert ReceivingWorld().receiver.handle(a_callback(body=body, headers=MULTIPART)).answer == (
        Answer(status=204, content=None)
    )
