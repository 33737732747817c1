"""The results of delivery attempts, as text."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from couponbus.domain.webhooks.delivery import Delivery, DeliveryState, Unsent
from couponbus.domain.webhooks.retry_schedule import ATTEMPTS
from couponbus_cli.app.formatting import when

STATUS = "status_"


def reason_in_words(code: str) -> str:
    """Return the reason in words, with its code; `status_500` is an HTTP response."""
    if code.startswith(STATUS):
        return f"answered {code.removeprefix(STATUS)}"
    known = _reasons().get(code)
    return f"{known} ({code})" if known else code


@cache
def _reasons() -> Mapping[str, str]:
    # An HTTP client comes with them, for which a list of rows would wait in vain.
    from couponbus.providers.http.failure import Failure  # noqa: PLC0415

    return {
        Unsent.ENDPOINT_REMOVED: "the endpoint was removed",
        Unsent.ENDPOINT_DISABLED: "the endpoint was disabled",
        Unsent.EVENT_FORGOTTEN: "the event is not kept any more",
        Unsent.EVENT_CONTRADICTED: "its event is stored with another tenant or type",
        Unsent.INTERRUPTED: "the result of the last attempt is unknown",
        Failure.NAME_NOT_RESOLVED: "its host has no address",
        Failure.NOT_CONNECTED: "the connection was refused",
        Failure.CONNECT_TIMEOUT: "the connection was not accepted in time",
        Failure.TLS_REFUSED: "its certificate was not accepted, or TLS failed",
        Failure.NO_TIME_LEFT: "no time was left to send it",
        Failure.URL_REFUSED: "its URL may not be called",
        Failure.ADDRESS_REFUSED: "its host leads to an address that may not be called",
        Failure.READ_TIMEOUT: "no answer came in time",
        Failure.DEADLINE: "the answer was not complete in time",
        Failure.CONNECTION_LOST: "the connection was lost before an answer came",
        Failure.BROKEN_ANSWER: "the answer was not HTTP",
    }


def result_of(row: Delivery) -> str:
    """Return the result of the last attempt, not counting earlier rounds."""
    if row.state is DeliveryState.PENDING and row.attempt == 0:
        return "no attempt yet"
    if row.reason is not None:
        return reason_in_words(row.reason)
    return "no result yet" if row.status is None else f"answered {row.status}"


def attempt_text(row: Delivery) -> str:
    """Return the number of the attempt, and of the round if it was sent again."""
    attempt = f"attempt {row.attempt}"
    return attempt if row.round == 1 else f"round {row.round}, {attempt}"


def next_of(row: Delivery, now: datetime) -> str:
    """Return what happens next."""
    if row.state is DeliveryState.DELIVERED:
        return "nothing; it is done."
    again = f"couponbus deliveries retry {row.delivery_id}"
    if row.state is DeliveryState.EXHAUSTED:
        return f"nothing, unless an operator has it sent again: {again}"
    if row.is_claimed(now):
        return f"attempt {row.attempt} of {ATTEMPTS} is under way."
    if row.ready_at is not None and row.ready_at > now:
        return f"attempt {row.attempt + 1} of {ATTEMPTS}, {when(row.ready_at, now)}."
    return f"attempt {row.attempt + 1} of {ATTEMPTS}, as soon as a worker has it."
