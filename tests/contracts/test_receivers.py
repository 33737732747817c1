"""The snippets of the catalogue accept what couponbus signs, once, and nothing else."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from couponbus.domain.webhooks.retry_schedule import message_id_of
from couponbus.domain.webhooks.signature import secret_of, signed
from events import generate
from events.receivers import receive, verify

BLOCK = re.compile(r"(?ms)^```python\n(.*?)^```$")
SNIPPETS = BLOCK.findall((generate.HERE / "README.md").read_text(encoding="utf-8"))
KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
SECRET = secret_of(KEY)
EVENT = json.loads((generate.HERE / "samples/webhooks/BarcodeIssued.v1.json").read_text())
BODY = json.dumps({**EVENT, "note": "Zażółć 🎟"}, ensure_ascii=False).encode()

type Check = Callable[[str, Mapping[str, str], bytes], dict[str, object] | None]


class Shop:
    """A receiver with a database, which runs the first snippet."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        self.snippet = run(SNIPPETS[0])
        self.database.execute(str(self.snippet["SEEN"]))
        self.handled: list[object] = []
        self.is_broken = False

    def handle(self, event: dict[str, object]) -> None:
        if self.is_broken:
            raise RuntimeError("the database of orders is away")
        self.handled.append(event)

    def post(self, headers: Mapping[str, str], body: bytes, *, secret: str = SECRET) -> int:
        answer = self.snippet["receive"]
        assert callable(answer)
        status = answer(self.database, self.handle, secret=secret, headers=headers, body=body)
        assert isinstance(status, int)
        return status


@pytest.fixture
def shop() -> Iterator[Shop]:
    with closing(sqlite3.connect(":memory:")) as database:
        yield Shop(database)


def run(snippet: str) -> Mapping[str, object]:
    """Run a snippet as the file that shows it, and return its names and values."""
    file = next(
        each.__file__
        for each in (receive, verify)
        if each.__doc__ and f'"""{each.__doc__}"""' in snippet
    )
    names: dict[str, object] = {}
    exec(compile(snippet, str(file), "exec"), names)
    return names


def headers_of(
    body: bytes, *, age: timedelta = timedelta(), keys: tuple[bytes, ...] = (KEY,)
) -> dict[str, str]:
    """Return the headers that couponbus sends with this body."""
    at = datetime.now(UTC) - age
    message_id = message_id_of(EVENT["metadata"]["id"])
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed(message_id=message_id, at=at, body=body, keys=keys),
    }


def by_the_package(
    secret: str, headers: Mapping[str, str], body: bytes
) -> dict[str, object] | None:
    with closing(sqlite3.connect(":memory:")) as database:
        shop = Shop(database)
        if shop.post(headers, body, secret=secret) != 204:
            return None
    [event] = shop.handled
    assert isinstance(event, dict)
    return event


def by_the_standard_library(
    secret: str, headers: Mapping[str, str], body: bytes
) -> dict[str, object] | None:
    verified = run(SNIPPETS[1])["verified"]
    assert callable(verified)
    try:
        event = verified(secret, headers, body)
    except ValueError:
        return None
    assert isinstance(event, dict)
    return event


def test_the_catalogue_shows_two_snippets_and_the_first_has_a_table_of_ids() -> None:
    assert len(SNIPPETS) == 2
    assert "standardwebhooks" in SNIPPETS[0]
    assert "standardwebhooks" not in SNIPPETS[1]


@pytest.fixture(params=[by_the_package, by_the_standard_library], ids=lambda each: each.__name__)
def check(request: pytest.FixtureRequest) -> Check:
    chosen: Check = request.param
    return chosen


def test_what_couponbus_signed_is_taken(check: Check) -> None:
    assert check(SECRET, headers_of(BODY), BODY) == json.loads(BODY)
    upper = {name.title(): value for name, value in headers_of(BODY).items()}
    assert check(SECRET, upper, BODY) == json.loads(BODY)


def test_either_secret_is_enough_while_they_are_rotated(check: Check) -> None:
    headers = headers_of(BODY, keys=(OTHER, KEY))

    assert check(SECRET, headers, BODY) == json.loads(BODY)
    assert check(secret_of(OTHER), headers, BODY) == json.loads(BODY)
    assert check(secret_of(bytes(32)), headers, BODY) is None


@pytest.mark.parametrize("minutes", [-6, 6, 60])
def test_what_was_sent_at_another_time_is_refused(check: Check, minutes: int) -> None:
    assert check(SECRET, headers_of(BODY, age=timedelta(minutes=minutes)), BODY) is None
    assert check(SECRET, headers_of(BODY, age=timedelta(minutes=4)), BODY) is not None


def test_a_body_with_one_other_bit_is_refused(check: Check) -> None:
    headers = headers_of(BODY)

    for place in range(0, len(BODY), 40):
        flipped = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        assert check(SECRET, headers, flipped) is None


def test_a_body_that_was_parsed_and_written_again_is_refused(check: Check) -> None:
    assert check(SECRET, headers_of(BODY), json.dumps(json.loads(BODY)).encode()) is None


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "v1,", "msg_other", "v1", "v2,AAAA", "0", "é"])
def test_other_headers_are_refused_and_break_nothing(
    check: Check, name: str, value: str | None
) -> None:
    headers = headers_of(BODY)
    del headers[name]

    assert check(SECRET, headers if value is None else {**headers, name: value}, BODY) is None


def test_what_comes_twice_is_done_once(shop: Shop) -> None:
    assert [shop.post(headers_of(BODY), BODY) for _ in range(3)] == [204, 204, 204]
    assert shop.handled == [json.loads(BODY)]


def test_what_could_not_be_done_is_done_when_it_comes_again(shop: Shop) -> None:
    shop.is_broken = True
    with pytest.raises(RuntimeError, match="away"):
        shop.post(headers_of(BODY), BODY)
    shop.is_broken = False

    assert shop.post(headers_of(BODY), BODY) == 204
    assert shop.handled == [json.loads(BODY)]


def test_a_forgery_is_answered_with_a_failure_and_not_remembered(shop: Shop) -> None:
    assert shop.post(headers_of(BODY, keys=(OTHER,)), BODY) == 401
    assert shop.handled == []
    assert shop.post(headers_of(BODY), BODY) == 204
