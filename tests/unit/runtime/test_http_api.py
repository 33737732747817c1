"""API Gateway's events and answers, in its payload format 2.0."""

import base64
import json

import pytest

from couponbus.runtime.http_api import HttpEvent, answer_of, request_of
from couponbus.usecases.inbound.http import Answer
from couponbus.usecases.inbound.receive_callback import SIGN_UPS, UNIQODO

EVENT: HttpEvent = {
    "routeKey": "ANY /callbacks/uniqodo/{secret}",
    "requestContext": {"http": {"method": "POST"}},
    "headers": {"Webhook-Id": "msg_1", "x-other": "1,2"},
    "rawQueryString": "a=1&a=2",
    "pathParameters": {"secret": "obviously-fake"},
    "body": "aGVsbG8=",
    "isBase64Encoded": True,
}


def test_a_request_is_what_came_with_names_of_headers_in_lower_case() -> None:
    request = request_of(EVENT)

    assert (request.method, request.path, request.secret) == ("POST", UNIQODO, "obviously-fake")
    assert request.headers == {"webhook-id": "msg_1", "x-other": "1,2"}
    assert (request.query, request.body) == ("a=1&a=2", b"hello")


def test_what_a_request_need_not_have_is_empty() -> None:
    bare: HttpEvent = {
        "routeKey": "ANY /sign-ups",
        "requestContext": {"http": {"method": "GET"}},
        "pathParameters": None,
        "body": None,
    }

    request = request_of(bare)

    assert (request.path, request.secret) == (SIGN_UPS, None)
    assert (request.headers, request.query, request.body) == ({}, "", b"")


def test_the_default_route_is_no_path_of_ours() -> None:
    assert request_of({**EVENT, "routeKey": "$default"}).path == "$default"


@pytest.mark.parametrize("text", ["{}", "é", "\ud800", ""])
def test_a_body_that_is_text_becomes_its_bytes(text: str) -> None:
    request = request_of({**EVENT, "body": text, "isBase64Encoded": False})

    assert request.body == text.encode("utf-8", "surrogatepass")


def test_bytes_survive_whatever_they_are() -> None:
    body = bytes(range(256))

    assert request_of({**EVENT, "body": base64.b64encode(body).decode()}).body == body


@pytest.mark.parametrize("text", ["no base64", "aGVsbG8", "aGVsbG8=\n", "é"])
def test_what_should_be_base64_and_is_none_is_nothing(text: str) -> None:
    assert request_of({**EVENT, "body": text}).body == b""


def test_an_answer_is_json_that_no_cache_keeps() -> None:
    answer = Answer(status=405, content={"error": "é"}, headers=(("allow", "POST"),))

    response = answer_of(answer)

    assert response["statusCode"] == 405
    assert response["headers"] == {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "allow": "POST",
    }
    assert json.loads(response["body"]) == {"error": "é"}


def test_an_answer_without_content_has_no_body_and_no_type() -> None:
    response = answer_of(Answer(status=204, content=None))

    assert "body" not in response
    assert set(response["headers"]) == {"cache-control", "x-content-type-options"}
