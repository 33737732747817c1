"""The error of a failed GET says what the caller can do."""

from datetime import UTC, datetime

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer
from couponbus.providers.refusal import refusal_of, request_id_of, silence_of

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ROUTE = "GET /things"


def answer(status: int, **headers: str) -> HttpAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpAnswer(status=status, headers=named, body=b"")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, ContractBroken),
        (400, ContractBroken),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, ContractBroken),
        (408, ProviderUnavailable),
        (425, ProviderUnavailable),
        (429, ProviderBusy),
        (500, ProviderUnavailable),
        (503, ProviderBusy),
        (504, ProviderUnavailable),
    ],
)
def test_the_status_decides(status: int, kind: type[ProviderError]) -> None:
    error = refusal_of(answer(status), provider="coniq", route=ROUTE, now=NOW)

    assert type(error) is kind
    assert (error.reason, error.status, error.route) == (f"status_{status}", status, ROUTE)


def test_retry_after_goes_along() -> None:
    error = refusal_of(answer(429, Retry_After="30"), provider="coniq", route=ROUTE, now=NOW)

    assert isinstance(error, ProviderBusy)
    assert error.retry_after == 30.0


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure.NOT_CONNECTED, ProviderUnavailable),
        (Failure.URL_REWRITTEN, ProviderUnavailable),
        (Failure.TOO_LARGE, ContractBroken),
    ],
)
def test_silence_is_distinguished_from_an_answer_that_is_useless(
    failure: Failure, kind: type[ProviderError]
) -> None:
    error = silence_of(failure, provider="coniq", route=ROUTE)

    assert type(error) is kind
    assert error.reason == failure.value


@pytest.mark.parametrize(
    ("text", "shown"),
    [("abc-123", "abc-123"), ("a@b", None), ("x" * 81, None), ("", None), ("é", None)],
)
def test_the_name_of_a_call_is_shown_only_if_it_is_plain(text: str, shown: str | None) -> None:
    assert request_id_of(answer(500, X_Request_Id=text)) == shown
