"""HTTP to the simulated Coniq: the real client speaks through it and suffers what it does."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from couponbus.providers.failure import Failure
from couponbus.providers.http import HttpAnswer, HttpFailed, Transport
from tests.simulation.answers import Answers, answer, described
from tests.simulation.coniq import STALEST, Coniq, Wish
from tests.simulation.world import World

BASE = "http://127.0.0.1:9"


class SimulatedTransport(Transport):
    """Takes the place of requests; nothing of its parent but the type is used."""

    def __init__(self, world: World, coniq: Coniq, *, settle: float) -> None:
        self._world = world
        self._coniq = coniq
        self._answers = Answers(world, coniq, settle=settle)

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        began = self._world.now
        account, path = _place(url)
        fault = self._world.call("coniq.post")
        if fault == "not connected":
            raise HttpFailed(Failure.NOT_CONNECTED)
        if fault == "401" or not self._opens(account, headers):
            return answer(401)
        wishes = _wishes(account, body)
        left = seconds - (self._world.now - began)
        made = self._answers.to(account, wishes, fault, single=path == "/barcode", left=left)
        if made is None:
            self._world.pause(left)
            raise HttpFailed(Failure.READ_TIMEOUT)
        self._world.answer(fault)
        if isinstance(made, Failure):
            raise HttpFailed(made)
        return made

    def get(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], seconds: float
    ) -> HttpAnswer:
        account, path = _place(url)
        fault = self._world.call("coniq.get")
        if fault == "not connected":
            raise HttpFailed(Failure.NOT_CONNECTED)
        if fault == "unreadable":
            return answer(200, b"<html>")
        if fault in ("429", "500"):
            return answer(int(fault))
        if fault == "401" or not self._opens(account, headers):
            return answer(401)
        body = self._customer(account, params) if path == "/customer" else b""
        if not body:
            body = self._barcodes(account, params, age=STALEST if fault == "stale" else 0.0)
        self._world.answer(fault)
        return answer(200, body)

    def _opens(self, account: str, headers: Mapping[str, str]) -> bool:
        return headers["Authorization"] == f'ApiKey key="{self._coniq.shops[account].key}"'

    def _customer(self, account: str, params: Mapping[str, str]) -> bytes:
        known = self._coniq.customer(account, params["email"])
        return json.dumps([] if known is None else [{"customer_id": known}]).encode()

    def _barcodes(self, account: str, params: Mapping[str, str], *, age: float) -> bytes:
        found = self._coniq.listed(
            account,
            tracking_code=params.get("tracking_code"),
            customer_id=_number(params.get("customer_id")),
            offer_id=_number(params.get("offer_id")),
            age=age,
        )
        shop = self._coniq.shops[account]
        return json.dumps([described(one, shop) for one in found]).encode()


def _place(url: str) -> tuple[str, str]:
    _, account, path = urlsplit(url).path.split("/", 2)
    return account, f"/{path}"


def _wishes(account: str, body: bytes) -> list[Wish]:
    content = json.loads(body)
    if isinstance(content, dict):
        content = content.get("barcodes", [content])
    return [Wish(account=account, **item) for item in content]


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
