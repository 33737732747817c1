"""Neither key nor e-mail nor barcode number leaks, for any fault."""

import json
import socket
from collections.abc import Callable

import pytest

from couponbus.domain.issuing.account import Lookup
from couponbus.providers.coniq.client import ConiqBarcodes
from tests.integration.sockets import scripts
from tests.integration.sockets.coniq import CLOCK, client, item, request
from tests.integration.sockets.overhearing import shown_by, text_of
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.unit.providers.fakes import RotatingKeys

CANARY_KEY = "canary-key-not-real"
EMAIL = "canary+mail@example.test"
NUMBER = str(item(1)["barcode_number"])
SECRETS = (CANARY_KEY, EMAIL, "canary%2Bmail", "canary+mail", NUMBER)
CHATTY = json.dumps(
    {"message": f"key {CANARY_KEY} of {EMAIL}", "errors": [f"{NUMBER} {CANARY_KEY}"]}
).encode()

SCRIPTS: list[Script] = [
    scripts.reset_after_request,
    scripts.close_after_request,
    scripts.reset_after_headers,
    scripts.silence,
    scripts.gzip_bomb(),
    scripts.answer(CHATTY),
    scripts.answer(CHATTY[:-5]),
    scripts.answer(CHATTY, status="400 Bad Request"),
    scripts.answer(CHATTY, status="401 Unauthorized"),
    scripts.answer(CHATTY, status="500 Oh", headers=(f"X-Request-Id: {EMAIL}",)),
    scripts.answer(CHATTY, status=f"403 {CANARY_KEY}"),
    scripts.answer(CHATTY, status="302 Found", headers=(f"Location: http://{EMAIL}/",)),
    # urllib3 warns of malformed headers with the whole URL.
    scripts.raw(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n[]"),
    scripts.answer(json.dumps([item(1), item(2)]).encode()),
]


def calls_of(coniq: ConiqBarcodes) -> list[Callable[[], object]]:
    until = CLOCK.after
    return [
        lambda: coniq.issue(account="main", requests=[request(1)], deadline=until(0.7)),
        lambda: coniq.issue(account="main", requests=[request(1), request(2)], deadline=until(0.7)),
        lambda: coniq.find(account="main", request=request(1), deadline=until(0.7)),
        lambda: coniq.find_customer(account="main", email=EMAIL, deadline=until(0.7)),
        lambda: coniq.barcodes(
            account="main",
            criteria={"customer_email": EMAIL, "barcode_number": NUMBER},
            deadline=until(0.7),
        ),
    ]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_faulty_answer_lets_nothing_out(
    script: Script, everything_logged: pytest.LogCaptureFixture
) -> None:
    with faulty_server(script) as server:
        coniq = client(server.url, keys=RotatingKeys(stored={"secret": CANARY_KEY}))
        shown = [shown_by(call) for call in calls_of(coniq)]

    texts = shown + [text_of(record) for record in everything_logged.records]
    assert len(server.requests) >= len(shown)
    for secret in SECRETS:
        assert [text for text in texts if secret in text] == []


@pytest.mark.parametrize("lookup", list(Lookup))
def test_a_refused_connection_lets_nothing_out(
    lookup: Lookup, everything_logged: pytest.LogCaptureFixture
) -> None:
    with socket.create_server((HOST, 0)) as unused:
        url = f"http://{HOST}:{unused.getsockname()[1]}"
    coniq = client(url, keys=RotatingKeys(stored={"secret": CANARY_KEY}), lookup=lookup)

    texts = [shown_by(call) for call in calls_of(coniq)]

    texts += [text_of(record) for record in everything_logged.records]
    for secret in SECRETS:
        assert [text for text in texts if secret in text] == []
