"""HTTP to the simulated Coniq; the real client calls it and suffers its faults."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from couponbus_sandbox.simulator.references import ReferenceChange
from tests.simulation.answer_log import Question, asked_for
from tests.simulation.answers import Answers, Item, Order, answer, described
from tests.simulation.coniq import STALEST, BarcodeSpec, Coniq, Sold
from tests.simulation.false_answers import (
    IGNORED,
    IGNORED_OLDEST,
    KEPT,
    LISTED,
    LISTED_AS,
    SEVERAL_CUSTOMERS,
    WRAPPED,
    encoded,
    shown_as,
)
from tests.simulation.vocabulary import GET_WORDS, SUCCESS, SUCCESSES
from tests.simulation.world import World

BASE = "http://127.0.0.1:9"
OTHERS = 5000  # between the ids of two customers who share an e-mail


class SimulatedTransport(Transport):
    """Takes the place of requests; only the type of its parent is used."""

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
        order = Order(
            account=account,
            specs=_specs(account, body),
            single=path == "/barcode",
            left=seconds - (self._world.now - began),
            bend=KEPT.get(self._world.chance("coniq.keeps") or ""),
        )
        made = self._answers.to(order, fault)
        if made is None:
            self._world.pause(order.left)
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
        asked, log, by = _question(account, params), self._coniq.answer_log, self._world.current()
        if fault == "unreadable":
            log.answer(asked, at=self._world.now, by=by, proves=False)
            return answer(200, b"<html>")
        if fault in ("429", "500"):
            return answer(int(fault))
        if fault == "401" or not self._opens(account, headers):
            return answer(401)
        of_customers = path == "/customer"
        proves = _proves(fault, of_customers=of_customers)
        log.answer(asked, at=self._world.now, by=by, proves=proves)
        listed = self._customers if of_customers else self._barcodes
        body = encoded(listed(account, params, fault), fault)
        self._world.answer(fault)
        word = GET_WORDS.get(fault or "")
        return answer(200, body) if word is None else answer(word.status, word.body(body))

    def _opens(self, account: str, headers: Mapping[str, str]) -> bool:
        return headers["Authorization"] == f'ApiKey key="{self._coniq.shops[account].key}"'

    def _customers(
        self, account: str, params: Mapping[str, str], fault: str | None
    ) -> Sequence[Item]:
        email = params["email"]
        known = self._coniq.customer(account, email)
        if known is None:
            return []
        if email in self._coniq.shops[account].shared:
            self._coniq.answer_log.several.add(asked_for(account, email))
            return [{"customer_id": one, "email": email} for one in (known, known + OTHERS)]
        ids = [known, known + OTHERS] if fault == SEVERAL_CUSTOMERS else [known]
        return [{"customer_id": customer_id} for customer_id in ids]

    def _barcodes(
        self, account: str, params: Mapping[str, str], fault: str | None
    ) -> Sequence[Item]:
        found = self._found(account, params, fault)
        log = self._coniq.answer_log
        log.doubtful |= {one.subject for one in found if _is_doubtful(one, fault)}
        items = [described(one, self._coniq.shops[account]) for one in found]
        bend = LISTED_AS.get(fault or "")
        return items if bend is None else shown_as(items, bend)

    def _found(self, account: str, params: Mapping[str, str], fault: str | None) -> Sequence[Sold]:
        if fault in IGNORED:
            everything = self._coniq.all_of(account)
            return (everything if fault == IGNORED_OLDEST else everything[::-1])[:LISTED]
        return self._coniq.listed(
            account,
            tracking_code=params.get("tracking_code"),
            customer_id=_number(params.get("customer_id")),
            offer_id=_number(params.get("offer_id")),
            age=STALEST if fault == "stale" else 0.0,
        )


def _is_doubtful(sold: Sold, fault: str | None) -> bool:
    """Whether its reference shows that it belongs to another customer, or to none."""
    bends = {LISTED_AS.get(fault or ""), sold.bend}
    return not bends.isdisjoint((ReferenceChange.REPLACED, ReferenceChange.DROPPED))


def _proves(fault: str | None, *, of_customers: bool) -> bool:
    """Whether the answer is the list that was requested."""
    if of_customers and fault in (SEVERAL_CUSTOMERS, *WRAPPED):
        return False
    word = GET_WORDS.get(fault or "")
    if word is None:
        return fault not in IGNORED
    return word.form is SUCCESS and word.status in SUCCESSES


def _question(account: str, params: Mapping[str, str]) -> Question:
    if "tracking_code" in params:
        return params["tracking_code"]
    if "email" in params:
        return asked_for(account, params["email"])
    return account, int(params["customer_id"]), int(params["offer_id"])


def _place(url: str) -> tuple[str, str]:
    _, account, path = urlsplit(url).path.split("/", 2)
    return account, f"/{path}"


def _specs(account: str, body: bytes) -> list[BarcodeSpec]:
    content = json.loads(body)
    if isinstance(content, dict):
        content = content.get("barcodes", [content])
    return [BarcodeSpec(account=account, **item) for item in content]


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
