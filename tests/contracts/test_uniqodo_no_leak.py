"""Neither the key in the path nor the user in the query leaks, for any answer."""

import json
import logging
import socket
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from couponbus.providers.http.connections import Address, Resolver, look_up
from couponbus.providers.http.transport import Transport
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.providers.uniqodo.client import UniqodoRedemptions
from couponbus_sandbox.uniqodo import (
    ONE_USE,
    FaultKind,
    FaultRule,
    NewRedemption,
    NewUser,
    UniqodoKey,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.contracts.uniqodo import CLOCK, TRUST
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.unit.providers.fakes import RotatingKeys
from tests.unit.providers.uniqodo.answers import as_bytes, full_answer

KEY = "canary$key}of/customer+not-real"
USER = "Canary+User@example.test"
MASTER, OWN, NEW = "XMAS10", "BF39KD2H", "CANARY22"
SECRETS = {
    form
    for text in (KEY, USER)
    for form in (text, quote(text, safe=""), quote(text), quote_plus(text), text.lower())
} | {"canary$key", "canary%24key", "Canary+User", "Canary%2BUser", MASTER, OWN, NEW}

ECHO = f"key {KEY} of {USER} as {quote(KEY, safe='')} {quote(USER, safe='')}"
CHATTY = json.dumps(
    {"data": None, "errors": [{"code": 1, "message": ECHO, "reference": ECHO}], "result": ECHO}
).encode()
ECHOING = as_bytes(full_answer()).replace(b"example1", ECHO.encode())
BAD_DATES = as_bytes(full_answer()).replace(b"2019-05-15T08:55:37+0100", ECHO.encode())
BAD_IDS = as_bytes(full_answer()).replace(b"1925118", json.dumps(ECHO).encode())
TALKING_HEADERS = (f"X-Request-Id: {KEY}", f"Retry-After: {USER}", f"Location: http://{USER}/{KEY}")

SCRIPTS: list[Script] = [
    scripts.reset_unread,
    scripts.reset_after_request,
    scripts.close_after_request,
    scripts.reset_after_headers,
    scripts.silence,
    scripts.gzip_bomb(),
    scripts.answer(CHATTY),
    scripts.answer(ECHOING),
    scripts.answer(BAD_DATES),
    scripts.answer(BAD_IDS),
    scripts.answer(CHATTY[:-5]),
    *(
        scripts.answer(CHATTY, status=f"{status} {KEY}", headers=TALKING_HEADERS)
        for status in (301, 302, 307, 400, 401, 403, 404, 429, 500, 503)
    ),
    # urllib3 warns of malformed headers with the whole URL.
    scripts.raw(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n{}"),
    scripts.raw(f"HTTP/1.1 {KEY}\r\n\r\n".encode()),
]
FAULTS = [
    *(FaultRule(kind=kind, customer_id=1, seconds=9) for kind in (FaultKind.POISON,)),
    *(FaultRule(kind=kind, seconds=9) for kind in FaultKind if kind != FaultKind.POISON),
    *(
        FaultRule(kind=FaultKind.ALTERED, settings={name: how})
        for name in ("data", "errors", "records", "offer")
        for how in ("null", "missing")
    ),
    FaultRule(kind=FaultKind.TRUNCATED_JSON, framing="short"),
    FaultRule(kind=FaultKind.REDIRECT, location=f"http://127.0.0.1:1/{quote(KEY, safe='')}"),
]


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]
    before = {logger: (logger.level, logger.propagate) for logger in loggers}
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.propagate = True
    caplog.handler.setLevel(logging.DEBUG)
    yield caplog
    for logger, (level, propagate) in before.items():
        logger.setLevel(level)
        logger.propagate = propagate


def client(url: str, *, transport: Transport | None = None) -> UniqodoRedemptions:
    account = UniqodoAccount(name="main", base_url=url, secret_id="secret")
    return UniqodoRedemptions(
        accounts={"main": account},
        keys=RotatingKeys(stored={"secret": KEY}),
        transport=transport or Transport(clock=CLOCK, trust=TRUST, connect_seconds=0.5),
        clock=CLOCK,
    )


def shown_by(uniqodo: UniqodoRedemptions) -> list[str]:
    """Return all that a caller could print: of the client, of results and of errors."""

    def texts(call: Callable[[], object]) -> str:
        try:
            result = call()
        except Exception as error:
            chain = [error, error.__cause__, error.__context__, vars(error)]
            return repr(chain) + "".join(traceback.format_exception(error))
        return repr(result) + str(result)

    asked = {"account": "main", "promotion": ONE_USE, "user_id": USER}
    deadline = CLOCK.after(0.6)
    return [
        repr(uniqodo),
        texts(lambda: uniqodo.redemptions(**asked, deadline=deadline)),
        texts(lambda: uniqodo.answer(**asked, deadline=CLOCK.after(0.6))),
    ]


def leaks(texts: Sequence[str], logged: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    # The simulator, in the same process here, may log what it was sent.
    ours = [record for record in logged.records if not record.name.startswith("uvicorn")]
    records = [repr(record.__dict__) + record.getMessage() for record in ours]
    return [(secret, text) for secret in SECRETS for text in (*texts, *records) if secret in text]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_faulty_server_lets_nothing_out(
    script: Script, everything_logged: pytest.LogCaptureFixture
) -> None:
    with faulty_server(script) as server:
        texts = shown_by(client(server.url))

    assert server.connections >= 2
    assert leaks(texts, everything_logged) == []


@pytest.fixture(scope="module")
def running() -> Iterator[UniqodoSandbox]:
    account = UniqodoKey(name="main", api_key=KEY)
    with uniqodo_server(UniqodoSettings(accounts=(account,))) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: UniqodoSandbox) -> UniqodoSandbox:
    running.reset()
    running.add_users(NewUser(promotion_id=ONE_USE, user_id=USER, code=NEW))
    params = NewRedemption(promotion_id=ONE_USE, user_id=USER, record={"custom_params": ECHO})
    running.redeem(params)
    return running


def test_an_answer_lets_nothing_out(
    sandbox: UniqodoSandbox, everything_logged: pytest.LogCaptureFixture
) -> None:
    texts = shown_by(client(sandbox.url))

    assert any("is_complete=True" in text for text in texts)
    assert leaks(texts, everything_logged) == []


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_of_the_simulator_lets_nothing_out(
    rule: FaultRule, sandbox: UniqodoSandbox, everything_logged: pytest.LogCaptureFixture
) -> None:
    sandbox.faults(rule)

    texts = shown_by(client(sandbox.url))

    assert sandbox.calls()[-1]["account"] == "main"
    assert leaks(texts, everything_logged) == []


@pytest.mark.parametrize("secret", [KEY, USER, OWN])
def test_the_search_finds_each_secret_where_it_is(
    secret: str, everything_logged: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("urllib3.connectionpool").error("GET %s", secret)

    assert leaks([], everything_logged)
    assert leaks([f"GET {secret}"], everything_logged)


def test_a_refused_connection_lets_nothing_out(
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server((HOST, 0)) as unused:
        url = f"http://{HOST}:{unused.getsockname()[1]}"

    texts = shown_by(client(url))

    assert any("not_connected" in text for text in texts)
    assert leaks(texts, everything_logged) == []


def _unknown(host: str, port: int) -> Sequence[Address]:
    raise socket.gaierror(socket.EAI_NONAME, f"no such host: {host}:{port}")


def _far_away(host: str, port: int) -> Sequence[Address]:
    raise TimeoutError(f"{host}:{port}")


@pytest.mark.parametrize("resolver", [_unknown, _far_away])
def test_a_name_that_is_not_resolved_lets_nothing_out(
    resolver: Resolver, everything_logged: pytest.LogCaptureFixture
) -> None:
    transport = Transport(clock=CLOCK, trust=TRUST, resolver=resolver)

    texts = shown_by(client("https://uniqodo.example.test", transport=transport))

    assert any("ProviderUnavailable" in text for text in texts)
    assert leaks(texts, everything_logged) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "other.example.test"])
def test_a_failed_handshake_lets_nothing_out(
    tmp_path: Path, host: str, everything_logged: pytest.LogCaptureFixture
) -> None:
    authority, stranger = Authority(), Authority()
    trusted = stranger if host == "127.0.0.1" else authority
    transport = Transport(clock=CLOCK, trust=trusted.trust, resolver=look_up)

    with faulty_server(scripts.answer(), tls=authority.server(tmp_path, host=host)) as server:
        texts = shown_by(client(server.url, transport=transport))

    assert any("tls_refused" in text for text in texts)
    assert leaks(texts, everything_logged) == []


def test_a_question_that_is_not_sent_lets_nothing_out(
    everything_logged: pytest.LogCaptureFixture,
) -> None:
    uniqodo = client("http://127.0.0.1:1")
    texts = []
    for promotion, user_id in ((KEY, USER), (ONE_USE, USER + "\n")):
        try:
            uniqodo.redemptions(
                account="main", promotion=promotion, user_id=user_id, deadline=CLOCK.after(1)
            )
        except Exception as error:
            texts.append(repr(error) + "".join(traceback.format_exception(error)))

    assert len(texts) == 2
    assert leaks(texts, everything_logged) == []


def test_the_path_that_arrives_is_encoded_once() -> None:
    with faulty_server(scripts.answer(CHATTY)) as server:
        shown_by(client(server.url))

    line = server.requests[0].partition(b"\r\n")[0].decode()
    path = f"/publisher/{quote(KEY, safe='')}/query/user-redemption/{ONE_USE}"
    assert line == f"GET {path}?userId={quote(USER, safe='')} HTTP/1.1"
