"""Signed GETs to Koupon, with failures mapped to the project's errors."""

import logging
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from couponbus.domain.errors import (
    ConfigurationInvalid,
    CredentialsRefused,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    Unavailable,
)
from couponbus.ports.shared import Clock
from couponbus.providers.http.redaction import redacted
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.credentials import Credentials, SecretTexts
from couponbus.providers.koupon.message import is_own_error, read_message
from couponbus.providers.koupon.skew import clock_skew
from couponbus.providers.koupon.urls import sign_url
from couponbus.providers.refusal import of_gateway, refusal_of, request_id_of, silence_of

PROVIDER = "koupon"
HEADERS = {"Accept": "application/json", "User-Agent": "couponbus"}
# "Please try the request again" (docs/providers.md#koupon-errors); a gateway's 504 is no different.
PASSING = frozenset({500, 502, 503, 504})
_OK = range(200, 300)
_CALLERS_FAULT = range(400, 500)
_OUR_MISTAKE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KouponGet:
    """A GET: its URL, the template that is logged instead, and texts that must not be shown."""

    account: KouponAccount
    url: str
    route: str
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedGets:
    """Signs each attempt anew; after a 401 it reads the secret again and calls once more."""

    secrets: SecretTexts
    transport: Transport
    clock: Clock

    def get(self, request: KouponGet, *, deadline: datetime) -> HttpAnswer | None:
        """Return a success, or None when Koupon itself answers 404.

        Raises ProviderError; CredentialsRefused has the reason "clock_skew" when the clocks
        are too far apart for any signature.
        """
        answer, credentials = self._answer(request, deadline=deadline)
        if answer.status == HTTPStatus.UNAUTHORIZED and not self._skewed(request, answer):
            self.secrets.refresh(request.account.secret_id)
            answer, credentials = self._answer(request, deadline=deadline)
        if answer.status in _OK:
            return answer
        if answer.status == HTTPStatus.NOT_FOUND and is_own_error(answer.body):
            return None
        raise self._refusal(request, answer, credentials)

    def _answer(self, request: KouponGet, *, deadline: datetime) -> tuple[HttpAnswer, Credentials]:
        """Return the response and the credentials that were used, which it may repeat."""
        failed: ProviderError
        try:
            credentials = Credentials.read(self.secrets.get(request.account.secret_id))
            answer = self.transport.get_exactly(
                lambda: self._signed(request.url, credentials),
                headers=HEADERS,
                seconds=(deadline - self.clock.now()).total_seconds(),
                statuses=PASSING,
            )
            return answer, credentials
        except HttpFailed as problem:
            failed = silence_of(problem.failure, provider=PROVIDER, route=request.route)
        except (Unavailable, ConfigurationInvalid):
            failed = ProviderUnavailable(
                "secret_unavailable", provider=PROVIDER, route=request.route
            )
        raise failed

    def _signed(self, url: str, credentials: Credentials) -> str:
        return sign_url(
            url,
            identifier=credentials.identifier,
            secret=credentials.secret,
            timestamp=int(self.clock.now().timestamp()),
        )

    def _skewed(self, request: KouponGet, answer: HttpAnswer) -> bool:
        skew = clock_skew(answer.headers.get("Date"), now=self.clock.now())
        return skew is not None and skew > request.account.skew_seconds

    def _refusal(
        self, request: KouponGet, answer: HttpAnswer, credentials: Credentials
    ) -> ProviderError:
        status, route = answer.status, request.route
        hidden = (credentials.identifier, credentials.secret, *request.hidden)
        said = redacted(read_message(answer.body), hidden=hidden)
        logger.warning("koupon_refused", extra={"route": route, "status": status, "said": said})
        if status == HTTPStatus.UNAUTHORIZED and self._skewed(request, answer):
            return CredentialsRefused("clock_skew", provider=PROVIDER, route=route, status=status)
        own = is_own_error(answer.body)
        if status in _OUR_MISTAKE and own:
            return RequestRefused(
                f"status_{status}",
                provider=PROVIDER,
                route=route,
                status=status,
                request_id=request_id_of(answer),
            )
        refusal = refusal_of(answer, provider=PROVIDER, route=route, now=self.clock.now())
        return refusal if own or status not in _CALLERS_FAULT else of_gateway(refusal)
