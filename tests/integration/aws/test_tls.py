"""All clients verify AWS by one TLS context, whose authorities are read from their file once."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import HTTPClientError, SSLError
from botocore.session import get_session

from couponbus.aws.clients import Clients
from couponbus.aws.shared_trust import SharedTrust
from tests.integration.sockets.certificates import Authority
from tests.integration.sockets.scripts import answer
from tests.integration.sockets.server import FaultyServer, Script, Visit, faulty_server

VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
BEHIND = "aws.example.test"
ANSWER = answer(b"{}", headers=("Content-Type: application/x-amz-json-1.0",))


@pytest.fixture(autouse=True)
def environment(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in (*VARIABLES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _: None))
    yield monkeypatch


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def bundle(tmp_path: Path, authority: Authority) -> Path:
    file = tmp_path / "authorities.pem"
    file.write_text(authority.pem)
    return file


def call_all(clients: Clients) -> None:
    clients.dynamodb.list_tables()
    clients.events.list_event_buses()
    clients.sqs.list_queues()
    clients.secrets.list_secrets()


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_authorities_are_read_once_for_all_connections_of_all_clients(
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    authority: Authority,
    bundle: Path,
    variable: str,
) -> None:
    environment.setenv(variable, str(bundle))
    with faulty_server(ANSWER, tls=authority.server(tmp_path)) as server:
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        clients = Clients()
        clients.dynamodb.list_tables()
        bundle.unlink()  # reading it again would fail
        call_all(clients)
        call_all(clients)

    assert server.connections == 9


def test_an_unknown_authority_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, bundle: Path
) -> None:
    environment.setenv("AWS_CA_BUNDLE", str(bundle))

    with faulty_server(ANSWER, tls=Authority().server(tmp_path)) as server:
        assert_refused(environment, server)


def test_without_a_bundle_the_public_authorities_are_trusted_and_no_other(
    environment: pytest.MonkeyPatch, tmp_path: Path, authority: Authority
) -> None:
    with faulty_server(ANSWER, tls=authority.server(tmp_path)) as server:
        assert_refused(environment, server)


def test_a_certificate_of_another_host_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, bundle: Path
) -> None:
    environment.setenv("AWS_CA_BUNDLE", str(bundle))
    tls = authority.server(tmp_path, host="dynamodb.example.test")

    with faulty_server(ANSWER, tls=tls) as server:
        assert_refused(environment, server)


def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    assert SharedTrust().minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_client_that_would_verify_nothing_connects_nowhere(
    environment: pytest.MonkeyPatch, tmp_path: Path, authority: Authority
) -> None:
    with faulty_server(ANSWER, tls=authority.server(tmp_path)) as server:
        client = get_session().create_client("sqs", endpoint_url=server.url, verify=False)
        SharedTrust().share_with(client)
        with pytest.raises(HTTPClientError):
            client.list_queues()  # type: ignore[attr-defined]

    assert server.requests == []


def test_a_bundle_that_cannot_be_read_is_tried_again(
    environment: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, bundle: Path
) -> None:
    environment.setenv("AWS_CA_BUNDLE", str(bundle))
    whole = bundle.read_text()
    bundle.write_text("no certificate")
    with faulty_server(ANSWER, tls=authority.server(tmp_path)) as server:
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        clients = Clients()
        with pytest.raises(SSLError):
            clients.dynamodb.list_tables()
        bundle.write_text(whole)
        clients.dynamodb.list_tables()

    assert len(server.requests) == 1


def test_authorities_that_one_client_trusts_are_not_trusted_by_another(
    environment: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, bundle: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_text(Authority().pem)
    with faulty_server(ANSWER, tls=authority.server(tmp_path)) as server:
        environment.setenv("AWS_ENDPOINT_URL", server.url)
        clients = Clients()
        environment.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        clients.dynamodb.list_tables()
        environment.setenv("REQUESTS_CA_BUNDLE", str(other))
        with pytest.raises(SSLError):
            clients.sqs.list_queues()

    assert len(server.requests) == 1


def test_a_proxy_is_used_and_the_certificate_behind_it_verified(
    environment: pytest.MonkeyPatch, tmp_path: Path, authority: Authority, bundle: Path
) -> None:
    environment.setenv("AWS_CA_BUNDLE", str(bundle))
    environment.setenv("AWS_ENDPOINT_URL", f"https://{BEHIND}")
    good = authority.server(tmp_path, host=BEHIND)
    with faulty_server(tunnel_to(good)) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
        Clients().dynamodb.list_tables()

    assert len(proxy.requests) == 2  # the second one through the tunnel


def test_a_proxy_cannot_pretend_to_be_aws(
    environment: pytest.MonkeyPatch, tmp_path: Path, bundle: Path
) -> None:
    environment.setenv("AWS_CA_BUNDLE", str(bundle))
    environment.setenv("AWS_ENDPOINT_URL", f"https://{BEHIND}")
    with faulty_server(tunnel_to(Authority().server(tmp_path, host=BEHIND))) as proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(SSLError):
            Clients().dynamodb.list_tables()

    assert all(request.startswith(b"CONNECT ") for request in proxy.requests)


def tunnel_to(tls: ssl.SSLContext) -> Script:
    """Play the proxy, and the service behind it."""

    def script(visit: Visit) -> None:
        visit.read_request()
        visit.send(b"HTTP/1.1 200 OK\r\n\r\n")
        with tls.wrap_socket(visit.connection, server_side=True) as visit.connection:
            ANSWER(visit)

    return script


def assert_refused(environment: pytest.MonkeyPatch, server: FaultyServer) -> None:
    environment.setenv("AWS_ENDPOINT_URL", server.url)

    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        Clients().dynamodb.list_tables()
    assert server.requests == []
