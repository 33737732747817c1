"""Callbacks over https are sent only to a receiver with the configured certificate."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from couponbus_sandbox.engine.certificate import Certificate, self_signed
from couponbus_sandbox.uniqodo import UniqodoSandbox, UniqodoSettings, uniqodo_server
from tests.integration.sockets import scripts
from tests.integration.sockets.server import faulty_server

KNOWN = 1925302  # a redemption that the simulator starts with


@pytest.fixture
def sandbox() -> Iterator[UniqodoSandbox]:
    with uniqodo_server(UniqodoSettings()) as running:
        yield running


def certificate(folder: Path) -> Certificate:
    folder.mkdir()
    return self_signed(directory=folder, now=datetime.now(UTC))


def presenting(shown: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown.certificate, shown.key)
    return context


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_callback_may_be_encrypted(sandbox: UniqodoSandbox, tmp_path: Path, method: str) -> None:
    ours = certificate(tmp_path / "ours")
    with faulty_server(scripts.answer(b"", status="204 No Content"), tls=presenting(ours)) as shop:
        sandbox.change(
            callback_url=shop.url, callback_ca=str(ours.certificate), callback_method=method
        )
        sandbox.resend_callback(KNOWN)
        (callback,) = sandbox.callbacks()

    assert (callback["status"], callback["method"]) == (204, method)
    assert f"id={KNOWN}".encode() in shop.requests[0]


def test_a_callback_sends_nothing_to_a_receiver_with_another_certificate(
    sandbox: UniqodoSandbox, tmp_path: Path
) -> None:
    ours, other = certificate(tmp_path / "ours"), certificate(tmp_path / "other")
    with faulty_server(scripts.answer(b""), tls=presenting(other)) as shop:
        sandbox.change(callback_url=shop.url, callback_ca=str(ours.certificate))
        sandbox.resend_callback(KNOWN)
        (callback,) = sandbox.callbacks()

    assert callback["status"] is None
    assert shop.requests == []
