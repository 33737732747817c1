"""Outgoing webhooks: one POST for each attempt; only the head of the response is read."""

import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import requests

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.ports.shared import Clock
from couponbus.ports.webhooks import Sent
from couponbus.providers.http.connections import (
    DeadlineAdapter,
    Resolver,
    look_up,
    pools_with,
    silence_urllib3,
)
from couponbus.providers.http.deadline import CallInProgress
from couponbus.providers.http.exchange import exchange, prepared
from couponbus.providers.http.failure import Failure
from couponbus.providers.http.head_only import HeadOnly
from couponbus.providers.http.retries import retry_after
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.guard import guarded
from couponbus.providers.webhooks.target import endpoint_url

LONGEST_SECONDS = 15.0
CONNECT_SECONDS = 5.0
RETRY_AFTER_MAX = 3600.0
_OURS = {"Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    status: int
    retry_after: str | None = field(repr=False)


class WebhookSender:
    """Sends to the endpoints that a policy allows, and to no others.

    It keeps no connection and no address between two calls, so threads may share it.
    It uses the adapter of requests without its session, which would follow redirects, keep
    cookies, and look for proxies and passwords in the environment.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        clock: Clock,
        trust: ssl.SSLContext,
        resolver: Resolver = look_up,
    ) -> None:
        """Open no connection."""
        silence_urllib3()
        self._policy = policy
        self._clock = clock
        self._trust = trust
        self._pools = pools_with(guarded(resolver, policy=policy), answers=HeadOnly)

    def send(
        self, *, url: str, headers: Mapping[str, str], body: bytes, deadline: datetime
    ) -> Sent:
        """POST once, within 15 seconds and before `deadline`. Never raises.

        URL and addresses are checked at each attempt, also if they were checked before.
        """
        started = self._clock.now()
        seconds = min((deadline - started).total_seconds(), LONGEST_SECONDS)
        result = self._post(url, headers=headers, body=body, seconds=seconds)
        now = self._clock.now()
        took = max((now - started).total_seconds(), 0.0)
        if isinstance(result, Failure):
            return Sent(status=None, failure=result.value, retry_after=None, seconds=took)
        pause = retry_after(result.retry_after, now=now, longest=RETRY_AFTER_MAX)
        return Sent(status=result.status, failure=None, retry_after=pause, seconds=took)

    def _post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> _Head | Failure:
        try:
            target = endpoint_url(url, policy=self._policy)
        except ConfigurationInvalid:
            return Failure.URL_REFUSED
        prepare = partial(prepared, "POST", target, headers={**headers, **_OURS}, body=body)
        with (
            closing(DeadlineAdapter(trust=self._trust, pools=self._pools)) as adapter,
            CallInProgress(seconds=seconds) as call,
        ):
            return exchange(
                prepare,
                adapter=adapter,
                call=call,
                connect_seconds=CONNECT_SECONDS,
                read=_head,
            )


def _head(response: requests.Response, call: CallInProgress) -> _Head:
    return _Head(status=response.status_code, retry_after=response.headers.get("Retry-After"))
