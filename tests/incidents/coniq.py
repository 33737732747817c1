"""Coniq behind the real client, as one mode of behaviour at a time."""

import itertools
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from tests.fakes.clock import ManualClock

REFUSED = b'{"code": %d, "message": "no"}'
QUICKLY = 0.2

type Item = dict[str, object]
type Mode = Callable[["Coniq", "Call"], HttpAnswer]


class Call:
    """A request as it arrived; `seconds` is how long its caller waits."""

    def __init__(self, method: str, url: str, *, body: bytes, params: Mapping[str, str]) -> None:
        self.method = method
        self.path = urlsplit(url).path
        self.body = body
        self.params = params
        self.seconds = 30.0


class Coniq(Transport):
    """Takes the place of HTTP; makes a barcode for each item, unless its `mode` says otherwise."""

    def __init__(self, clock: ManualClock) -> None:
        self._now = clock
        self.mode: Mode = well
        self.made: list[Item] = []
        self.loses = False  # what was ever made
        self.refused = 0
        self.doubles = 0  # the next POSTs whose barcodes are made twice, without an answer
        self._numbers = itertools.count(1)

    def post(
        self, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float
    ) -> HttpAnswer:
        call = Call("POST", url, body=body, params={})
        call.seconds = seconds
        self._now.sleep(QUICKLY)
        return self.mode(self, call)

    def get(
        self, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], seconds: float
    ) -> HttpAnswer:
        call = Call("GET", url, body=b"", params=params)
        call.seconds = seconds
        self._now.sleep(QUICKLY)
        return self.mode(self, call)

    def create(self, call: Call) -> list[Item]:
        """Make the requested barcodes."""
        content = json.loads(call.body)
        wanted = content if isinstance(content, list) else [content]
        made = [self._barcode(each) for each in wanted]
        self.made += made
        return made

    def listed(self, call: Call) -> list[Item]:
        """Return what meets the criteria of a question."""
        return [
            one
            for one in (() if self.loses else self.made)
            if all(str(one.get(name)) == value for name, value in call.params.items())
        ]

    def hang(self, seconds: float) -> None:
        self._now.sleep(seconds)

    def _barcode(self, wanted: Item) -> Item:
        return {
            **wanted,
            "barcode_number": f"24{next(self._numbers):014d}",
            "image_url": "https://images.example/1.png",
            "active": True,
            "expiry_date": "2027-12-31",
            "created_datetime_utc": self._now.now().isoformat(),
        }


def well(coniq: Coniq, call: Call) -> HttpAnswer:
    """Answer as documented."""
    if call.method == "POST" and coniq.doubles:
        coniq.doubles -= 1
        coniq.create(call)
        return commits_and_drops(coniq, call)
    if call.method == "POST":
        made = coniq.create(call)
        return _json(201, made[0] if call.path.endswith("/barcode") else made)
    return _json(200, coniq.listed(call))


def fails(coniq: Coniq, call: Call) -> HttpAnswer:
    return HttpAnswer(status=500, headers={}, body=b"<html>")


def throttles(coniq: Coniq, call: Call) -> HttpAnswer:
    return HttpAnswer(status=429, headers={"Retry-After": "5"}, body=b"")


def refuses_connections(coniq: Coniq, call: Call) -> HttpAnswer:
    raise HttpFailed(Failure.NOT_CONNECTED)


def hangs(coniq: Coniq, call: Call) -> HttpAnswer:
    coniq.hang(call.seconds)
    raise HttpFailed(Failure.READ_TIMEOUT)


def refuses_the_key(coniq: Coniq, call: Call) -> HttpAnswer:
    return HttpAnswer(status=401, headers={}, body=REFUSED % 401)


def breaks_its_contract(coniq: Coniq, call: Call) -> HttpAnswer:
    """Answer each call with a success in a form that no document has."""
    if call.method == "POST":
        coniq.create(call)
    return _json(200, {"status": "fine"})


def refuses_each(coniq: "Coniq", call: Call) -> HttpAnswer:
    """Refuse each item by its own error, as for an offer that has ended."""
    if call.method != "POST":
        return well(coniq, call)
    wanted = json.loads(call.body)
    if not isinstance(wanted, list):
        return _json(422, {"code": 422, "message": "not possible", **wanted})
    return _json(201, [{"code": 422, "message": "not possible", **one} for one in wanted])


def refuses_some(coniq: "Coniq", call: Call) -> HttpAnswer:
    """Refuse one customer of four, each in a request of its own."""
    if call.method == "POST" and len(coniq.made) >= 3 * coniq.refused:
        coniq.refused += 1
        return refuses_each(coniq, call)
    return well(coniq, call)


def commits_and_drops(coniq: Coniq, call: Call) -> HttpAnswer:
    """Make the barcodes and never say so; answer questions."""
    if call.method == "POST":
        coniq.create(call)
        coniq.hang(call.seconds)
        raise HttpFailed(Failure.READ_TIMEOUT)
    return well(coniq, call)


def _json(status: int, content: object) -> HttpAnswer:
    return HttpAnswer(status=status, headers={}, body=json.dumps(content).encode())
