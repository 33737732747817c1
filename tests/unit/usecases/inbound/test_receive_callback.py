"""A request is dispatched by its route, and always gets a response."""

import pytest

from couponbus.usecases.inbound.http import NOT_FOUND_ANSWER, Problem, Request, refused
from couponbus.usecases.inbound.receive_callback import SIGN_UPS, UNIQODO
from couponbus.usecases.invocation import Metric
from tests.unit.usecases.inbound.receiving_world import PATH_SECRET, ReceivingWorld


def request(method: str, path: str, *, secret: str | None = None) -> Request:
    return Request(method=method, path=path, secret=secret, headers={}, body=b"")


@pytest.mark.parametrize(("path", "allowed"), [(SIGN_UPS, "POST"), (UNIQODO, "GET, POST")])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "get"])
@pytest.mark.parametrize("secret", [PATH_SECRET, "wrong"])
def test_a_wrong_method_is_answered_with_the_right_ones_and_nothing_of_a_secret(
    path: str, allowed: str, method: str, secret: str
) -> None:
    reception = ReceivingWorld().receiver.handle(request(method, path, secret=secret))

    assert reception.answer.status == 405
    assert dict(reception.answer.headers) == {"allow": allowed}
    assert reception.counts == {Metric.REFUSED_METHOD: 1}


@pytest.mark.parametrize("path", ["", "/", "$default", "/sign-ups/", "/callbacks/uniqodo"])
def test_an_unknown_path_is_not_found(path: str) -> None:
    reception = ReceivingWorld().receiver.handle(request("POST", path))

    assert reception.answer == NOT_FOUND_ANSWER


def test_a_request_shows_nothing_of_what_it_carries() -> None:
    shown = repr(
        Request(
            method="POST",
            path=UNIQODO,
            secret="planted-secret",
            headers={"planted": "header"},
            query="planted=query",
            body=b"planted body",
        )
    )

    assert "planted" not in shown


def test_a_refusal_names_its_problems_and_how_many_more_there_are() -> None:
    problems = [
        Problem(field="webhook-id", problem="missing", message="Send it."),
        Problem(index=3, field="signup_id", problem="missing", message="Add it."),
    ]

    answer = refused(400, "wrong", "Nothing was accepted.", problems=problems, omitted=7)

    assert answer.content == {
        "error": "wrong",
        "message": "Nothing was accepted.",
        "problems": [
            {"field": "webhook-id", "problem": "missing", "message": "Send it."},
            {"index": 3, "field": "signup_id", "problem": "missing", "message": "Add it."},
        ],
        "omitted": 7,
    }
