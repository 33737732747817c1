"""Coniq behind the real client, in simulated time, with one kind of trouble for an hour."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from tests.simulation.world import World

type Item = Mapping[str, object]

POST_SECONDS = 1.0
GET_SECONDS = 0.2
TROUBLES = ("503", "429", "hangs")


class TroubledProvider(Transport):
    """Answers in time without trouble; only the type of its parent is used.

    In trouble "hangs" it applies every second POST without an answer, and loses the rest.
    """

    def __init__(self, world: World) -> None:
        self.trouble: str | None = None
        self.calls: Counter[str] = Counter()
        self.posted: Counter[str] = Counter()  # by tracking code
        self.made: Counter[str] = Counter()  # by tracking code
        self.taken_at: list[float] = []
        self._world = world
        self._items: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        content = json.loads(body)
        specs = content if isinstance(content, list) else [content]
        self.calls["POST"] += 1
        self.posted.update(str(spec["tracking_code"]) for spec in specs)
        if self.trouble is None:
            self._world.pause(POST_SECONDS)
            self.taken_at.append(self._world.now)
            made = [self._make(spec) for spec in specs]
            return _answer(201, made if isinstance(content, list) else made[0])
        if self.trouble == "hangs" and self.calls["POST"] % 2:
            for spec in specs:
                self._make(spec)
        return self._troubled(seconds)

    def get(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], seconds: float
    ) -> HttpAnswer:
        self.calls["GET"] += 1
        if self.trouble is not None:
            return self._troubled(seconds)
        self._world.pause(GET_SECONDS)
        assert urlsplit(url).path.endswith("/barcode")
        name = "tracking_code" if "tracking_code" in params else "customer_id"
        found = self._items[name, params[name]]
        return _answer(
            200,
            [one for one in found if all(str(one.get(k)) == v for k, v in params.items())],
        )

    def _troubled(self, seconds: float) -> HttpAnswer:
        if self.trouble == "hangs":
            self._world.pause(seconds)
            raise HttpFailed(Failure.READ_TIMEOUT)
        self._world.pause(GET_SECONDS)
        return HttpAnswer(status=int(str(self.trouble)), headers={}, body=b"")

    def _make(self, spec: Item) -> Item:
        code = str(spec["tracking_code"])
        self.made[code] += 1
        item = {
            **spec,
            "barcode_number": f"24{self.made.total():012d}",
            "active": True,
            "created_datetime_utc": self._world.moment().isoformat(),
        }
        self._items["tracking_code", code].append(item)
        self._items["customer_id", str(spec["customer_id"])].append(item)
        return item


def _answer(status: int, body: Item | Sequence[Item]) -> HttpAnswer:
    return HttpAnswer(status=status, headers={}, body=json.dumps(body).encode())
