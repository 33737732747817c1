"""In a deployed function each client connects as it is made; what goes wrong changes nothing."""

import logging
import threading
from pathlib import Path

import pytest

from couponbus.aws.early_connections import EarlyClients
from tests.integration.sockets import scripts
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.server import HOST, Visit, faulty_server

REFUSAL = scripts.whole(b"what is this?", status="404 Not Found")
ANSWER = scripts.whole(b"{}", headers=("Content-Type: application/x-amz-json-1.0",))


pytestmark = pytest.mark.usefixtures("account")


def connected() -> None:
    """Wait until what connects has ended."""
    for thread in threading.enumerate():
        if thread.name.startswith("connect-"):
            thread.join()


def refused_then_answered(visit: Visit) -> None:
    visit.read_request()
    visit.send(REFUSAL)
    visit.read_request()
    visit.send(ANSWER)
    visit.pause(9)


def test_the_first_call_of_each_client_has_a_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = Authority()
    bundle = tmp_path / "authorities.pem"
    bundle.write_text(authority.pem)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    with faulty_server(refused_then_answered, tls=authority.server(tmp_path)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        clients = EarlyClients()
        made = (clients.dynamodb, clients.sqs)
        connected()
        before = server.connections
        made[0].list_tables()
        made[1].list_queues()
        for client in made:
            client.close()

    assert before == server.connections == 2


def test_what_is_asked_ahead_is_signed_by_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with faulty_server(scripts.raw(REFUSAL)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        client = EarlyClients().events
        connected()
        client.close()

    (asked,) = server.requests
    assert asked.startswith(b"GET / HTTP/1.1\r\n")
    assert b"authorization" not in asked.lower()


@pytest.mark.parametrize("endpoint", ["http", "https"])
def test_an_endpoint_out_of_reach_is_named_and_the_client_is_of_use(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with faulty_server(scripts.reset_unread, scripts.answer(b"{}")) as server:
        address = f"{endpoint}://{HOST}:{server.port}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        with caplog.at_level(logging.WARNING, logger="couponbus"):
            client = EarlyClients().dynamodb
            connected()
        if endpoint == "http":
            client.list_tables()
        client.close()

    (line,) = caplog.records
    assert line.message == "not_connected_at_start"
    assert vars(line)["service"] == "dynamodb"
    assert address not in caplog.text
