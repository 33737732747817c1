"""The one GET to Uniqodo, with failures mapped to the project's errors."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from couponbus.domain.errors import (
    ConfigurationInvalid,
    ContractBroken,
    GatewayAnswered,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    Unavailable,
)
from couponbus.ports.shared import Clock
from couponbus.providers.api_keys import ApiKeys
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from couponbus.providers.refusal import NO_ACCESS, of_gateway, refusal_of, silence_of
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.providers.uniqodo.address import address_of, route_of
from couponbus.providers.uniqodo.reading import NoDataError, WrongFormError, read
from couponbus.providers.uniqodo.wire import WireAnswer

PROVIDER = "uniqodo"
HEADERS = {"Accept": "application/json", "User-Agent": "couponbus"}
_OK = range(200, 300)
_CALLERS_FAULT = range(400, 500)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoGet:
    """The user and the promotion of a request; both have been checked."""

    promotion: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoGets:
    """Calls with the account's key, once more if a new key may help."""

    keys: ApiKeys
    transport: Transport
    clock: Clock

    def get(
        self, account: UniqodoAccount, request: UniqodoGet, *, zone: ZoneInfo, deadline: datetime
    ) -> WireAnswer:
        """Return Uniqodo's answer. Raises ProviderError."""
        key = self._key(account)
        result = self._result(account, request, key=key, zone=zone, deadline=deadline)
        if _may_be_about_the_key(result):
            # The key is part of the path: a stale one may also look like an unknown promotion.
            newer = self._newer_key(account)
            if newer is not None and newer != key:
                result = self._result(account, request, key=newer, zone=zone, deadline=deadline)
        if isinstance(result, WireAnswer):
            return result
        details = {"route": result.route, "status": result.status, "reason": result.reason}
        logger.warning("uniqodo_get_failed", extra=details)
        raise result

    def _result(
        self,
        account: UniqodoAccount,
        request: UniqodoGet,
        *,
        key: str,
        zone: ZoneInfo,
        deadline: datetime,
    ) -> WireAnswer | ProviderError:
        """Return an error instead of raising it: an exception would carry the URL along."""
        route = route_of(account)
        try:
            answer = self.transport.get(
                address_of(account, key=key, promotion=request.promotion, user_id=request.user_id),
                headers=HEADERS,
                params={},
                seconds=(deadline - self.clock.now()).total_seconds(),
            )
        except HttpFailed as problem:
            return silence_of(problem.failure, provider=PROVIDER, route=route)
        except Unavailable:
            return ProviderUnavailable("secret_unavailable", provider=PROVIDER, route=route)
        secrets = (key, request.user_id)
        return self._judged(answer, route=route, zone=zone, secrets=secrets)

    def _judged(
        self, answer: HttpAnswer, *, route: str, zone: ZoneInfo, secrets: Sequence[str]
    ) -> WireAnswer | ProviderError:
        by_status = refusal_of(answer, provider=PROVIDER, route=route, now=self.clock.now())
        by_status.request_id = _unless_it_leaks(by_status.request_id, secrets)
        is_success = answer.status in _OK
        if not is_success and not _can_be_an_answer(answer.status, by_status):
            return _by_its_author(by_status, answer.body, zone=zone)
        try:
            found = read(answer.body, zone=zone)
        except NoDataError as refusal:
            return _refused(refusal.codes, like=by_status)
        except WrongFormError as problem:
            if not is_success:
                return of_gateway(by_status)
            return _broken(str(problem), like=by_status)
        if is_success or found.records is not None:
            return found
        return by_status

    def _key(self, account: UniqodoAccount) -> str:
        with suppress(Unavailable, ConfigurationInvalid):
            return self.keys.api_key(account.secret_id)
        raise ProviderUnavailable("secret_unavailable", provider=PROVIDER, route=route_of(account))

    def _newer_key(self, account: UniqodoAccount) -> str | None:
        with suppress(Unavailable, ConfigurationInvalid):
            self.keys.refresh(account.secret_id)
            return self.keys.api_key(account.secret_id)
        return None


def _may_be_about_the_key(result: WireAnswer | ProviderError) -> bool:
    if isinstance(result, WireAnswer):
        return False
    kinds = (RequestRefused, GatewayAnswered)
    return result.status in NO_ACCESS or isinstance(result, kinds)


def _by_its_author(refusal: ProviderError, body: bytes, *, zone: ZoneInfo) -> ProviderError:
    """Return a denied access as a gateway's, unless its body has the documented form."""
    if refusal.status not in NO_ACCESS:
        return refusal
    try:
        read(body, zone=zone)
    except NoDataError:
        return refusal
    except WrongFormError:
        return of_gateway(refusal)
    return refusal


def _can_be_an_answer(status: int, error: ProviderError) -> bool:
    """Whether the body is read: the status of Uniqodo's errors is not documented."""
    return status in _CALLERS_FAULT and isinstance(error, ContractBroken)


def _refused(codes: Sequence[int], *, like: ProviderError) -> RequestRefused:
    error = RequestRefused(
        "no_data",
        provider=like.provider,
        route=like.route,
        status=like.status,
        request_id=like.request_id,
    )
    error.codes = codes
    return error


def _broken(reason: str, *, like: ProviderError) -> ContractBroken:
    return ContractBroken(
        reason,
        provider=like.provider,
        route=like.route,
        status=like.status,
        request_id=like.request_id,
    )


def _unless_it_leaks(request_id: str | None, secrets: Sequence[str]) -> str | None:
    if request_id is None:
        return None
    text = request_id.casefold()
    return None if any(secret.casefold() in text for secret in secrets) else request_id
