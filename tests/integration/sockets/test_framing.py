"""Every client of HTTP keeps the same rules of HTTP: one table of raw answers, each tried on all.

The webhook sender reads heads only, so that what is wrong behind one cannot reach it.
"""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from _pytest.mark import ParameterSet

from couponbus.providers.http.failure import Failure
from couponbus.providers.http.transport import HttpAnswer, HttpFailed, Transport
from tests.integration.sockets import scripts
from tests.integration.sockets.server import Script, Visit, faulty_server
from tests.integration.sockets.webhooks import send
from tests.unit.providers.fakes import WallClock

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = OK + b"Content-Length: 3\r\n\r\n[1]"
OF_THE_SAME_CONNECTION = b"[2]"
OF_A_NEW_CONNECTION = b"[3]"
BROKEN = Failure.BROKEN_ANSWER


@dataclass(frozen=True, kw_only=True)
class Read:
    """What a whole answer is read as, and where the next question goes."""

    body: bytes = b"[1]"
    status: int = 200
    kept: bool = True


KEPT = Read()
NOT_KEPT = Read(kept=False)


def interim(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: 9\r\nLink: </a>\r\n\r\n".encode()


HEADS: dict[str, tuple[bytes, Read | Failure]] = {
    "a length": (WHOLE, KEPT),
    "a length, twice the same": (OK + b"Content-Length: 3\r\n" * 2 + b"\r\n[1]", KEPT),
    "a list of the same lengths": (OK + b"Content-Length: 3, 3\r\n\r\n[1]", NOT_KEPT),
    "chunks": (CHUNKED + b"3\r\n[1]\r\n0\r\n\r\n", KEPT),
    "chunks, with extension and trailer": (CHUNKED + b"3;a=b\r\n[1]\r\n0\r\nX: y\r\n\r\n", KEPT),
    "no body": (
        b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        Read(body=b"", status=204),
    ),
    "100 before": (interim("100 Continue") + WHOLE, KEPT),
    "102 before": (interim("102 Processing") + WHOLE, KEPT),
    "103 before": (interim("103 Early Hints") + WHOLE, KEPT),
    "100, 102 and 103 before": (
        interim("100 Continue")
        + interim("102 Processing")
        + interim("103 Early Hints") * 2
        + WHOLE,
        KEPT,
    ),
    "100 between": (interim("103 Early Hints") + interim("100 Continue") + WHOLE, KEPT),
    "announced to be the last": (
        OK + b"Content-Length: 3\r\nConnection: close\r\n\r\n[1]",
        NOT_KEPT,
    ),
    "bytes behind it": (WHOLE + WHOLE.replace(b"1]", b"8]"), NOT_KEPT),
    "a byte behind it": (WHOLE + b"\n", NOT_KEPT),
    "bytes behind the last chunk": (CHUNKED + b"3\r\n[1]\r\n0\r\n\r\n" + WHOLE, NOT_KEPT),
    "a body where none can be": (
        b"HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n[8]",
        Read(body=b"", status=204, kept=False),
    ),
    "a body announced where none can be": (
        b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
        Read(body=b"", status=204, kept=False),
    ),
    "101": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + WHOLE, BROKEN),
    "101 behind 103": (interim("103 Early Hints") + interim("101 Switching") + WHOLE, BROKEN),
    "two lengths": (OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n[1]\n", BROKEN),
    "a list of two lengths": (OK + b"Content-Length: 3, 4\r\n\r\n[1]\n", BROKEN),
    "a length and chunks": (
        OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
        BROKEN,
    ),
    "chunks and a length": (
        OK + b"Transfer-Encoding: chunked\r\nContent-Length: 13\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
        BROKEN,
    ),
    "a length below zero": (OK + b"Content-Length: -3\r\n\r\n[1]", BROKEN),
    "a length with a sign": (OK + b"Content-Length: +3\r\n\r\n[1]", BROKEN),
    "a length with an underscore": (OK + b"Content-Length: 0_3\r\n\r\n[1]", BROKEN),
    "a length that is none": (OK + b"Content-Length: three\r\n\r\n[1]", BROKEN),
    "an empty length": (OK + b"Content-Length:\r\n\r\n[1]", BROKEN),
    "a length of 5,000 digits": (OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n[1]", BROKEN),
    "another coding than chunks": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
        BROKEN,
    ),
    "chunks twice": (
        OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n3\r\n[1]\r\n0\r\n\r\n",
        BROKEN,
    ),
    "chunks of an old version": (
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0\r\n\r\n",
        BROKEN,
    ),
}

BODIES: dict[str, tuple[bytes, Read | Failure]] = {
    "a header without a colon": (OK + b"no colon\r\nContent-Length: 3\r\n\r\n[1]", BROKEN),
    "a space before the colon": (OK + b"Content-Length : 3\r\n\r\n[1]", BROKEN),
    "a chunk that is none": (CHUNKED + b"zz\r\n[1]\r\n0\r\n\r\n", BROKEN),
    "a chunk below zero": (CHUNKED + b"-3\r\n[1]\r\n0\r\n\r\n", BROKEN),
    "a chunk with a prefix": (CHUNKED + b"0x3\r\n[1]\r\n0\r\n\r\n", BROKEN),
    "a chunk with an underscore": (CHUNKED + b"0_3\r\n[1]\r\n0\r\n\r\n", BROKEN),
    "a chunk without a size": (CHUNKED + b"\r\n[1]\r\n0\r\n\r\n", BROKEN),
    "a chunk longer than its size": (CHUNKED + b"3\r\n[1]89\r\n0\r\n\r\n", BROKEN),
    "a chunk that its size cuts": (CHUNKED + b"3\r\n[1]XX0\r\n\r\n", BROKEN),
}

CUT: dict[str, tuple[bytes, Read | Failure]] = {
    "ends with the connection": (OK + b"\r\n[1]", NOT_KEPT),
    "a body that is cut": (OK + b"Content-Length: 4\r\n\r\n[1]", BROKEN),
    "a chunk that is cut": (CHUNKED + b"4\r\n[1]", BROKEN),
    "no last chunk": (CHUNKED + b"3\r\n[1]\r\n", BROKEN),
    "a last chunk without its end": (CHUNKED + b"3\r\n[1]\r\n0\r\n", BROKEN),
    "a trailer that is cut": (CHUNKED + b"3\r\n[1]\r\n0\r\nX: y\r\n", BROKEN),
}

type Ask = Callable[[Transport, str], HttpAnswer]


def by_get(transport: Transport, url: str) -> HttpAnswer:
    return transport.get(f"{url}/barcode", headers={}, params={}, seconds=4.0)


def by_signed_get(transport: Transport, url: str) -> HttpAnswer:
    return transport.get_exactly(lambda: f"{url}/v2?sign=ab", headers={}, seconds=4.0)


def by_post(transport: Transport, url: str) -> HttpAnswer:
    return transport.post(f"{url}/barcode", headers={}, body=b"{}", seconds=4.0)


def answering(data: bytes, *, closing: bool) -> Script:
    """Send these bytes; then, unless it is closing, answer whatever is asked on there."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(data)
        while not closing and visit.read_request():
            visit.send(scripts.whole(OF_THE_SAME_CONNECTION))

    return script


def tried() -> Iterator[ParameterSet]:
    for table in (HEADS, BODIES, CUT):
        for name, (data, outcome) in table.items():
            yield pytest.param(answering(data, closing=table is CUT), outcome, id=name)


@pytest.fixture
def transport() -> Iterator[Transport]:
    made = Transport(clock=WallClock(), trust=ssl.create_default_context(), repeats=0)
    yield made
    made.close()


def asked(ask: Ask, transport: Transport, url: str) -> HttpAnswer | Failure:
    try:
        return ask(transport, url)
    except HttpFailed as failed:
        return failed.failure


@pytest.mark.parametrize("ask", [by_get, by_signed_get])
@pytest.mark.parametrize(("script", "outcome"), [*tried()])
def test_an_answer_is_whole_or_refused_and_never_taken_for_that_to_another_question(
    transport: Transport, ask: Ask, script: Script, outcome: Read | Failure
) -> None:
    with faulty_server(script, scripts.answer(OF_A_NEW_CONNECTION)) as server:
        first, second = (asked(ask, transport, server.url) for _ in range(2))

    kept = isinstance(outcome, Read) and outcome.kept
    assert found(first) == outcome_of(outcome)
    assert isinstance(second, HttpAnswer)
    assert second.body == (OF_THE_SAME_CONNECTION if kept else OF_A_NEW_CONNECTION)
    assert server.connections == (1 if kept else 2)


@pytest.mark.parametrize(("script", "outcome"), [*tried()])
def test_the_answer_to_a_post_is_read_by_the_same_rules(
    transport: Transport, script: Script, outcome: Read | Failure
) -> None:
    with faulty_server(script) as server:
        answer = asked(by_post, transport, server.url)

    assert found(answer) == outcome_of(outcome)
    assert len(server.requests) == server.connections == 1


@pytest.mark.parametrize("name", HEADS)
def test_the_head_of_an_answer_to_a_webhook_is_read_by_the_same_rules(name: str) -> None:
    data, outcome = HEADS[name]
    with faulty_server(answering(data, closing=False)) as server:
        sent = send(server.url)

    status = outcome.status if isinstance(outcome, Read) else None
    failure = None if isinstance(outcome, Read) else outcome.value
    assert (sent.status, sent.failure) == (status, failure)
    assert len(server.requests) == server.connections == 1


@pytest.mark.parametrize("name", [*BODIES, *CUT])
def test_what_is_wrong_behind_the_status_of_an_answer_to_a_webhook_changes_nothing(
    name: str,
) -> None:
    data, _ = (BODIES | CUT)[name]
    with faulty_server(answering(data, closing=True)) as server:
        sent = send(server.url)

    assert (sent.status, sent.failure) == (200, None)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(b"Content-Length: 70000\r\n\r\n" + b"x" * 10, id="longer than is read"),
        pytest.param(b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\n\x1f\x8b", id="encoded"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", id="in a chunk that is none"),
    ],
)
def test_a_connection_whose_answer_was_not_read_to_its_end_is_not_asked_again(
    transport: Transport, refusal: bytes
) -> None:
    script = answering(b"HTTP/1.1 400 Bad\r\n" + refusal, closing=False)
    with faulty_server(script, scripts.answer(OF_A_NEW_CONNECTION)) as server:
        first, second = (asked(by_get, transport, server.url) for _ in range(2))

    assert found(first) == (400, b"")
    assert found(second) == (200, OF_A_NEW_CONNECTION)


def found(answer: HttpAnswer | Failure) -> tuple[int, bytes] | Failure:
    return (answer.status, answer.body) if isinstance(answer, HttpAnswer) else answer


def outcome_of(outcome: Read | Failure) -> tuple[int, bytes] | Failure:
    return (outcome.status, outcome.body) if isinstance(outcome, Read) else outcome
