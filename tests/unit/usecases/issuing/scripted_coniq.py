"""The real Coniq client on a transport that answers as a test says, in a `World`."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.program import Program
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import Clock
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from tests import factories
from tests.unit.usecases.world import BRAND, World, message

type Item = dict[str, Any]
type Said = HttpAnswer | Failure | None

BRAND_ACCOUNT = replace(
    factories.any_account(), name=BRAND, base_url="http://127.0.0.1:1", batch_max=200
)


def said(status: int, body: object = b"") -> HttpAnswer:
    """Return a response whose body is these bytes, or JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status=status, headers={}, body=raw)


def own_words(status: int, message: str = "Validation Failed") -> HttpAnswer:
    """Return a refusal in the form of Coniq's own errors."""
    return said(status, {"code": status, "message": message, "errors": []})


def does_its_work(items: list[Item], coniq: "ScriptedConiq") -> Said:
    """Let Coniq answer a POST itself."""
    return None


def made_without_an_answer(items: list[Item], coniq: "ScriptedConiq") -> Said:
    """Make a barcode for each item, and lose the answer."""
    for item in items:
        coniq.make(item)
    return Failure.READ_TIMEOUT


def answers_questions(path: str, criteria: Mapping[str, str], coniq: "ScriptedConiq") -> Said:
    """Let Coniq answer a GET itself."""
    return None


def as_it_is(item: Item) -> Item:
    """Keep an item as it was sent."""
    return item


def replaced(item: Item) -> Item:
    """Keep an item under a reference of Coniq's own."""
    return {**item, "tracking_code": f"coniq-{item['customer_id']}"}


class ScriptedConiq(Transport):
    """Makes a barcode for each item; a test may replace its answers.

    `on_post` and `on_get` return None to let Coniq answer itself. `keep` is the form in which
    an item is stored, and so answered.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sold: list[Item] = []
        self.posts: list[int] = []
        self.gets = 0
        self.on_post: Callable[[list[Item], ScriptedConiq], Said] = does_its_work
        self.on_get: Callable[[str, Mapping[str, str], ScriptedConiq], Said] = answers_questions
        self.keep: Callable[[Item], Item] = as_it_is

    def make(self, item: Item) -> Item:
        kept = self.keep(dict(item))
        number = f"24{len(self.sold):012d}"
        created = self.clock.now().isoformat()
        self.sold.append({"barcode_number": number, **kept, "created_datetime_utc": created})
        return self.sold[-1]

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        content = json.loads(body)
        items = content if isinstance(content, list) else [content]
        self.posts.append(len(items))
        instead = _raised(self.on_post(items, self))
        if instead is not None:
            return instead
        made = [self.make(item) for item in items]
        return said(201, made if isinstance(content, list) else made[0])

    def get(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], seconds: float
    ) -> HttpAnswer:
        self.gets += 1
        instead = _raised(self.on_get(urlsplit(url).path, params, self))
        return said(200, self.listed(params)) if instead is None else instead

    def listed(self, criteria: Mapping[str, str]) -> list[Item]:
        return [
            one
            for one in self.sold
            if all(str(one.get(name)) == value for name, value in criteria.items())
        ]

    @property
    def most_per_customer(self) -> int:
        return max(Counter(one["customer_id"] for one in self.sold).values(), default=0)


class Keys:
    """A store with a single key."""

    def api_key(self, secret_id: str) -> str:
        return "test-key-not-real"

    def refresh(self, secret_id: str) -> None:
        """Do nothing: there is only one key."""


class ScriptedWorld(World):
    """The whole product before a scripted Coniq."""

    def __init__(self, *programs: Program, account: Account = BRAND_ACCOUNT) -> None:
        super().__init__(*programs, accounts=(account,))
        self.coniq = ScriptedConiq(self.clock)
        self.client: Barcodes = ConiqBarcodes(
            accounts=self.accounts,
            stage="local",
            keys=Keys(),
            transport=self.coniq,
            clock=self.clock,
        )
        self.barcodes = self.client  # type: ignore[assignment]
        self._issue_barcodes = self._assembled()

    def sign_up(self, count: int, *, name: str = "s") -> None:
        self.handle(*(message(n, signup_id=f"{name}-{n}") for n in range(1, count + 1)))

    def run(self, *, minutes: int) -> None:
        for _ in range(minutes):
            self.cycle()
            self.publish()


def _raised(instead: Said) -> HttpAnswer | None:
    if isinstance(instead, Failure):
        raise HttpFailed(instead)
    return instead
