"""Neither an endpoint's URL nor a signature nor a body leaks, for any fault (W5)."""

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from couponbus.domain.webhooks.signature import secret_of, signed
from couponbus.providers.http.connections import Address
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.sender import WebhookSender
from couponbus.providers.webhooks.target import endpoint_url
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.overhearing import shown_by, text_of
from tests.integration.sockets.server import HOST, Script, faulty_server
from tests.integration.sockets.webhooks import CLOCK, NAME, family_of, leads_to, sender

KEY = b"canary-key-that-is-not-real-at-all"
PATH_TOKEN = "canary-path-not-real"
QUERY_TOKEN = "canary-query-not-real"
PASSWORD = "canary-password-not-real"
NUMBER = "2400000000000001"
BODY = f'{{"barcode_number":"{NUMBER}"}}'.encode()
SIGNATURE = signed(message_id="msg_1", at=CLOCK.now(), body=BODY, keys=[KEY])
SECRETS = (
    *(KEY.decode(), secret_of(KEY), secret_of(KEY).removeprefix("whsec_")),
    *(SIGNATURE, SIGNATURE.removeprefix("v1,"), NUMBER),
    *(PATH_TOKEN, QUERY_TOKEN, PASSWORD),
)
IN = f"/{PATH_TOKEN}?key={QUERY_TOKEN}"
CHATTY = f"{SIGNATURE} {PATH_TOKEN} {QUERY_TOKEN} {NUMBER}".encode()

SCRIPTS: list[Script] = [
    scripts.reset_after_request,
    scripts.close_after_request,
    scripts.reset_after_headers,
    scripts.silence,
    scripts.gzip_bomb(),
    scripts.answer(CHATTY),
    scripts.answer(CHATTY, status=f"400 {PATH_TOKEN}"),
    scripts.answer(CHATTY, status="429 Busy", headers=(f"Retry-After: {QUERY_TOKEN}",)),
    scripts.answer(CHATTY, status="302 Found", headers=(f"Location: http://{HOST}{IN}",)),
    scripts.answer(headers=(f"X-Echo: {SIGNATURE}", f"Set-Cookie: {PATH_TOKEN}")),
    scripts.raw(CHATTY + b"\r\n\r\n"),
    # urllib3 warns of malformed headers with the whole URL.
    scripts.raw(b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\n[]"),
]


def post(by: WebhookSender, url: str, *, signature: str = SIGNATURE) -> Callable[[], object]:
    headers = {"webhook-id": "msg_1", "webhook-signature": signature}
    return lambda: by.send(url=url, headers=headers, body=BODY, deadline=CLOCK.after(1))


def refusing(name: str, port: int) -> Sequence[Address]:
    return [(family_of("10.0.0.1"), ("10.0.0.1", port))]


def breaking(name: str, port: int) -> Sequence[Address]:
    raise RuntimeError("a resolver that breaks")


def assert_nothing_got_out(
    calls: Sequence[Callable[[], object]],
    log: pytest.LogCaptureFixture,
    screen: pytest.CaptureFixture[str],
) -> None:
    texts = [shown_by(call) for call in calls]
    texts += [text_of(record) for record in log.records]
    texts += screen.readouterr()
    for secret in SECRETS:
        assert [text for text in texts if secret in text] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_faulty_endpoint_lets_nothing_out(
    script: Script,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with faulty_server(script) as server:
        one = sender()
        assert_nothing_got_out([post(one, server.url + IN), lambda: one], everything_logged, capfd)

    assert len(server.requests) == 1


def test_an_endpoint_that_is_not_reached_lets_nothing_out(
    tmp_path: Path,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server((HOST, 0)) as unused:
        unused_url = f"http://{HOST}:{unused.getsockname()[1]}"
    with faulty_server(scripts.answer(), tls=Authority().server(tmp_path)) as server:
        assert_nothing_got_out(
            [
                post(sender(), unused_url + IN),
                post(sender(), server.url + IN),
                post(sender(), f"{unused_url}{IN}", signature=f"{SIGNATURE}\r\n"),
                post(sender(resolver=refusing), f"http://{NAME}{IN}"),
                post(sender(resolver=breaking), f"http://{NAME}{IN}"),
                post(sender(resolver=leads_to(port=80)), f"http://{NAME}{IN}"),
            ],
            everything_logged,
            capfd,
        )

    assert server.requests == []


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{PASSWORD}@{NAME}{IN}",
        f"ftp://{NAME}{IN}",
        f"https://{PATH_TOKEN}_/{IN}",
        f"https://{NAME}:{PASSWORD}{IN}",
        f"https://{NAME}{IN}#",
        f"https://{NAME}{IN}\u00fc",
        f"https://\u2603{PATH_TOKEN}{IN}",
        f"https://[{PATH_TOKEN}]{IN}",
    ],
)
def test_a_refused_url_is_not_repeated(
    url: str,
    policy: Policy,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    one = sender(policy=policy)

    assert "url_refused" in shown_by(post(one, url))
    assert_nothing_got_out(
        [post(one, url), lambda: endpoint_url(url, policy=policy)], everything_logged, capfd
    )
