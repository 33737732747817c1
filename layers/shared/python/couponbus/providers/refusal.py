"""Maps the failure of a GET to one of the project's errors."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.providers.http.failure import Failure
from couponbus.providers.http.retries import retry_after
from couponbus.providers.http.transport import HttpAnswer

NO_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_REQUEST_ID_MAX = 80
_OF_GATEWAY: Mapping[type[ProviderError], type[ProviderError]] = {
    ContractBroken: GatewayAnswered,
    CredentialsRefused: GatewayDenied,
}
_BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_OTHER_TRANSIENT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY)


def refusal_of(answer: HttpAnswer, *, provider: str, route: str, now: datetime) -> ProviderError:
    """Return the error for a response other than a success, by its status."""
    error = _kind_of(answer.status)(
        f"status_{answer.status}",
        provider=provider,
        route=route,
        status=answer.status,
        request_id=request_id_of(answer),
    )
    if isinstance(error, ProviderBusy):
        error.retry_after = retry_after(answer.headers.get("Retry-After"), now=now)
    return error


def of_gateway(refusal: ProviderError) -> ProviderError:
    """Return the error for a response that is not in the provider's own form.

    An error that means the same from a gateway (busy, an outage) stays as it is.
    """
    kind = _OF_GATEWAY.get(type(refusal))
    if kind is None:
        return refusal
    return kind(
        refusal.reason,
        provider=refusal.provider,
        route=refusal.route,
        status=refusal.status,
        request_id=refusal.request_id,
    )


def silence_of(failure: Failure, *, provider: str, route: str) -> ProviderError:
    """Return the error for a GET without a usable response."""
    kind = ContractBroken if failure.is_answer else ProviderUnavailable
    return kind(failure.value, provider=provider, route=route)


def request_id_of(answer: HttpAnswer) -> str | None:
    """Return the provider's id of the call, if it is fit to be shown."""
    text = answer.headers.get("X-Request-Id", "")
    fit = text.isascii() and text.replace("-", "").isalnum() and len(text) <= _REQUEST_ID_MAX
    return text if fit else None


def _kind_of(status: int) -> type[ProviderError]:
    if status in _BUSY:
        return ProviderBusy
    if status in NO_ACCESS:
        return CredentialsRefused
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _OTHER_TRANSIENT:
        return ProviderUnavailable
    return ContractBroken
