"""The three simulators behind a function URL: an event of Lambda in, an answer of theirs out.

All of them are below a secret path, as no provider's caller signs for IAM; each keeps what it has
in memory, so the function may run once at a time, and forgets it when AWS replaces the environment.
A fault that breaks a connection ends the function with an error, which the URL answers with 502.
"""

import asyncio
import base64
import hmac
import os
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from couponbus_sandbox.coniq import ConiqSettings, coniq_app
from couponbus_sandbox.coniq.simulator import ConiqSimulator
from couponbus_sandbox.koupon import KouponSettings, koupon_app
from couponbus_sandbox.koupon.simulator import KouponSimulator
from couponbus_sandbox.uniqodo import UniqodoSettings, uniqodo_app
from couponbus_sandbox.uniqodo.simulator import UniqodoSimulator

SECRET_PATH = "SECRET_PATH"

type Answer = dict[str, object]


def handler(event: Mapping[str, Any], _context: object) -> Answer:
    """Answer a request below `/<secret>/<provider>`, and no other."""
    _, secret, provider, path = [*str(event["rawPath"]).split("/", 3), "", "", ""][:4]
    apps = _apps(event["requestContext"]["domainName"])
    if not hmac.compare_digest(secret.encode(), _secret().encode()) or provider not in apps:
        return {"statusCode": 404}
    return asyncio.run(_answer(apps[provider], _scope(event, f"/{path}"), _body(event)))


def _secret() -> str:
    return os.environ[SECRET_PATH]


@cache
def _apps(host: str) -> Mapping[str, ASGIApp]:
    """Return the simulators, which live as long as this environment."""
    koupon = KouponSettings(public_base_url=f"https://{host}")
    return {
        "coniq": coniq_app(ConiqSimulator(settings=ConiqSettings())),
        "uniqodo": uniqodo_app(UniqodoSimulator(settings=UniqodoSettings())),
        "koupon": koupon_app(KouponSimulator(settings=koupon)),
    }


def _scope(event: Mapping[str, Any], path: str) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": event["requestContext"]["http"]["method"],
        "scheme": "https",
        "root_path": "",
        "path": unquote(path),
        # The whole: callers of Koupon sign what they send.
        "raw_path": str(event["rawPath"]).encode(),
        "query_string": str(event.get("rawQueryString", "")).encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in event["headers"].items()],
        "state": {},
    }


def _body(event: Mapping[str, Any]) -> bytes:
    body = str(event.get("body") or "")
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


async def _answer(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    requests: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        if requests:
            return requests.pop()
        await asyncio.Event().wait()  # the caller of a function URL is never seen to leave
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *parts = sent
    content = b"".join(part.get("body", b"") for part in parts)
    return {
        "statusCode": start["status"],
        "headers": {name.decode(): value.decode() for name, value in start["headers"]},
        "body": base64.b64encode(content).decode(),
        "isBase64Encoded": True,
    }
