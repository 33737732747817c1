"""An HTTP API answers 429 above the limit of its route, which the settings of its stage have."""

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import cast

from ministack.services import apigateway

from couponbus_sandbox.engine.token_bucket import TokenBucket

type Answer = tuple[int, dict[str, str], bytes]
type Settings = Mapping[str, object]

RATE, BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"
TOO_MANY: Answer = (
    429,
    {"Content-Type": "application/json"},
    b'{"message":"Too Many Requests"}',
)


def install() -> None:
    """Put the limit before the route's integration."""
    apigateway._handle_execute_in_scope = _limited(apigateway._handle_execute_in_scope)


def _limited(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def execute(api: str, stage: str, path: str, method: str, *others: object) -> Answer:
        route = apigateway._match_route(api, method, "/" + path.lstrip("/"))
        if route and not _may_pass(api, stage, str(route.get("routeKey"))):
            return TOO_MANY
        return await original(api, stage, path, method, *others)

    return execute


def _may_pass(api: str, stage: str, route: str) -> bool:
    settings = cast(Settings, apigateway._stages.get(api, {}).get(stage, {}))
    of_stage = cast(Settings, settings.get("defaultRouteSettings") or {})
    of_routes = cast(Mapping[str, Settings], settings.get("routeSettings") or {})
    limits = {**of_stage, **of_routes.get(route, {})}
    if RATE not in limits or BURST not in limits:
        return True
    return _bucket(api, stage, route, str(limits[RATE]), str(limits[BURST])).take()


@cache
def _bucket(api: str, stage: str, route: str, rate: str, burst: str) -> TokenBucket:
    """Return the bucket of a route; with other limits it is another."""
    return TokenBucket(rate=float(rate), burst=float(burst), clock=time.monotonic)
