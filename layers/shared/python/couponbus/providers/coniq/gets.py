"""GETs to Coniq, with failures mapped to the project's errors."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from couponbus.domain.errors import (
    ConfigurationInvalid,
    ProviderError,
    ProviderUnavailable,
    Unavailable,
)
from couponbus.domain.issuing.account import Account
from couponbus.ports.shared import Clock
from couponbus.providers.api_keys import ApiKeys
from couponbus.providers.coniq.headers import headers_for
from couponbus.providers.coniq.message import is_own_error, read_message
from couponbus.providers.http.redaction import redacted
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from couponbus.providers.refusal import NO_ACCESS, of_gateway, refusal_of, silence_of

PROVIDER = "coniq"
_OK = range(200, 300)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConiqGets:
    """Calls with the account's key, once more after a refusal, with the key read again."""

    keys: ApiKeys
    transport: Transport
    clock: Clock

    def get(
        self, account: Account, path: str, criteria: Mapping[str, str], *, deadline: datetime
    ) -> bytes:
        """Return the body of a success, or `[]` for the account's `absence_status`.

        Raises ProviderError, GatewayAnswered for a refusal that is not in Coniq's own form.
        """
        route = f"GET {path}"
        answer, key = self._answer(account, path, criteria, route=route, deadline=deadline)
        if answer.status in NO_ACCESS:
            self.keys.refresh(account.secret_id)
            answer, key = self._answer(account, path, criteria, route=route, deadline=deadline)
        if answer.status in _OK:
            return answer.body
        if answer.status == account.absence_status and is_own_error(answer.body):
            return b"[]"
        raise self._refusal(answer, route=route, hidden=(key, *criteria.values()))

    def _answer(
        self,
        account: Account,
        path: str,
        criteria: Mapping[str, str],
        *,
        route: str,
        deadline: datetime,
    ) -> tuple[HttpAnswer, str]:
        """Return the response and the key that was used, which the response may repeat."""
        failed: ProviderError
        try:
            key = self.keys.api_key(account.secret_id)
            answer = self.transport.get(
                account.base_url.rstrip("/") + path,
                headers=headers_for(key),
                params=criteria,
                seconds=(deadline - self.clock.now()).total_seconds(),
            )
            return answer, key
        except HttpFailed as problem:
            failed = silence_of(problem.failure, provider=PROVIDER, route=route)
        except (Unavailable, ConfigurationInvalid):
            failed = ProviderUnavailable("secret_unavailable", provider=PROVIDER, route=route)
        raise failed

    def _refusal(self, answer: HttpAnswer, *, route: str, hidden: tuple[str, ...]) -> ProviderError:
        status = answer.status
        said = redacted(read_message(answer.body), hidden=hidden)
        logger.warning("coniq_refused", extra={"route": route, "status": status, "said": said})
        refusal = refusal_of(answer, provider=PROVIDER, route=route, now=self.clock.now())
        own = status >= HTTPStatus.BAD_REQUEST and is_own_error(answer.body)
        return refusal if own else of_gateway(refusal)
