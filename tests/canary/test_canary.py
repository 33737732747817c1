"""Secrets and personal data are planted everywhere, everything fails once, and nothing leaks."""

import socket

import pytest

from couponbus.usecases.outbox import event_mapping
from couponbus_sandbox.coniq import FaultKind, FaultRule
from tests.canary import garbage, planted
from tests.canary.stage import accounts_at
from tests.canary.theatre import Theatre

ROUTES = ("POST /barcode/batch", "POST /barcode", "GET /barcode", "GET /customer")
BY_EMAIL = {"coniq_customer_id": None}
UNKNOWN = {"coniq_customer_id": None, "email": planted.UNKNOWN_EMAIL}


def trouble(kind: FaultKind, route: str) -> FaultRule:
    return FaultRule(
        kind=kind,
        route=route,
        count=1,
        seconds=0.002 if kind is FaultKind.DRIP else 0.6,
        retry_after=1.0,
        commit=True,
        customer_id=1001 if kind is FaultKind.POISON else None,
    )


def play(theatre: Theatre) -> None:
    """Let sign-ups of every sort be handled as far as they can be."""
    theatre.issue(*(theatre.sign_up() for _ in range(3)))
    theatre.issue(theatre.sign_up(), theatre.sign_up(**BY_EMAIL), theatre.sign_up(**UNKNOWN))
    theatre.issue(theatre.sign_up())
    theatre.sweep()
    theatre.stream()
    theatre.sweep()


def seen_by_everybody(theatre: Theatre) -> set[str]:
    return {place for place, texts in theatre.eyes.seen.items() if texts}


def test_nobody_sees_anything_while_all_is_well(theatre: Theatre) -> None:
    play(theatre)
    theatre.audit()

    assert len(theatre.coniq.barcodes()) >= 6
    assert theatre.hits() == []
    assert {"logs", "events", "ledger", "output"} <= seen_by_everybody(theatre)


@pytest.mark.parametrize("kind", FaultKind)
def test_nobody_sees_anything_whatever_the_provider_does(theatre: Theatre, kind: FaultKind) -> None:
    theatre.coniq.faults(*(trouble(kind, route) for route in ROUTES))

    play(theatre)
    theatre.sweep()

    assert theatre.coniq.state.faults_fired.get(kind, 0) > 0
    assert theatre.hits() == []


def test_nobody_sees_anything_when_the_provider_cannot_be_reached(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts_at(_closed_port()))
    theatre.restart()
    play(theatre)
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts_at("https://localhost:1"))
    theatre.restart()
    play(theatre)

    assert theatre.coniq.barcodes() == []
    assert theatre.hits() == []


def test_nobody_sees_anything_when_the_name_is_not_resolved(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(host: str, *_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: name not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts_at("https://coniq.localhost"))
    theatre.restart()

    play(theatre)

    assert theatre.hits() == []


@pytest.mark.parametrize(
    "secret",
    [
        f'{{"api_key": "{planted.ODD_SECRET}',
        f'{{"key": "{planted.ODD_SECRET}"}}',
        f'["{planted.ODD_SECRET}"]',
        f"{planted.ODD_SECRET}\r\nX-Other: 1",
        f"{planted.ODD_SECRET}é",
        f'{{"api_key": "{planted.ODD_SECRET}"}}',
    ],
)
def test_nobody_sees_a_secret_that_is_not_as_it_should_be(theatre: Theatre, secret: str) -> None:
    theatre.keep_secret("key", secret)

    play(theatre)

    assert theatre.coniq.barcodes() == []
    assert theatre.hits() == []


def test_nobody_sees_anything_of_settings_that_are_wrong(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = f"http://user:{planted.ODD_SECRET}@127.0.0.1:1"
    for accounts in (accounts_at(wrong), f'[{{"name": "{planted.ODD_SECRET}"'):
        monkeypatch.setenv("CONIQ_ACCOUNTS", accounts)
        theatre.restart()
        theatre.issue(theatre.sign_up())

    assert len(theatre.eyes.seen["exceptions"]) == 2
    assert theatre.hits() == []


def test_nobody_sees_anything_of_messages_that_cannot_be_used(theatre: Theatre) -> None:
    bodies = list(garbage.for_signups())

    theatre.issue(*bodies, theatre.sign_up())
    for body in bodies:
        theatre.issue(body)
    theatre.stream()

    assert len(theatre.coniq.barcodes()) == 1
    letters = "".join(theatre.eyes.seen["quarantine"])
    assert letters.count("QuarantineLetter") >= 20
    assert "SignUpRejected" in "".join(theatre.eyes.seen["events"])
    assert theatre.hits() == []


def test_no_trace_shows_personal_data_of_sign_ups_that_no_program_wants(theatre: Theatre) -> None:
    theatre.command("programs", "remove", "welcome")
    theatre.restart()

    theatre.issue(theatre.sign_up(), theatre.sign_up())
    theatre.stream()
    for query in ("status", "why signup-1", "programs rematch --since 7d --dry-run"):
        theatre.command(*query.split())

    assert {"UNMATCHED", "TALLY"} <= theatre.kinds()
    assert "SignUpUnmatched" in "".join(theatre.eyes.seen["events"])
    assert theatre.hits() == []


@pytest.mark.parametrize("kind", [FaultKind.COMMIT_THEN_DROP, FaultKind.K_OF_N, FaultKind.FOREIGN])
def test_nobody_sees_anything_at_the_command_line(theatre: Theatre, kind: FaultKind) -> None:
    theatre.coniq.faults(FaultRule(kind=kind, route="POST /barcode/batch"))
    play(theatre)

    codes = [str(item["tracking_code"]["S"]) for item in theatre.rows() if "tracking_code" in item]
    for form in ((), ("--json",)):
        theatre.command("status", *form)
        theatre.command("programs", "list", *form)
        theatre.command("why", "1001", *form)
        theatre.command("why", codes[0], *form)
    for number in range(1, 8):
        theatre.command("why", f"signup-{number}")

    assert any("signup-1" in text for text in theatre.eyes.seen["command"])
    assert theatre.hits() == []


def test_nobody_sees_anything_when_aws_fails(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("TABLE_NAME", "BUS_NAME", "QUARANTINE_QUEUE_URL", "PEPPER_SECRET_ID"):
        with monkeypatch.context() as patch:
            patch.setenv(setting, "https://sqs.eu-west-1.amazonaws.com/123456789012/nothing")
            theatre.restart()
            play(theatre)
            theatre.issue(*garbage.for_signups())
        theatre.restart()

    assert theatre.hits() == []


def test_nobody_sees_a_row_that_cannot_be_read(theatre: Theatre) -> None:
    theatre.issue(theatre.sign_up(), theatre.sign_up())
    broken = [{**row, "state": {"S": "ON FIRE"}} for row in theatre.rows()]

    theatre.show(broken)

    assert any("row unreadable" in text for text in theatre.eyes.seen["logs"])
    assert theatre.hits() == []


def _closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


# The scan itself: a leak in each place is found.


def test_a_number_that_is_not_masked_is_found_on_the_bus(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_mapping, "masked", str)

    play(theatre)

    assert {hit.place for hit in theatre.hits()} == {"events"}


def test_an_url_in_a_log_line_is_found(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("couponbus.providers.http.transport.silence_urllib3", lambda: None)
    monkeypatch.setattr("couponbus.providers.http.connections._errors_only", lambda _: True)
    theatre.listen_again()

    theatre.issue(theatre.sign_up(**BY_EMAIL))

    assert {(hit.place, hit.secret) for hit in theatre.hits()} == {("logs", planted.EMAIL)}


def test_a_letter_that_quotes_is_found_in_its_queue(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "couponbus.usecases.issuing.sign_up_messages.KNOWN_FIELDS", {planted.GARBAGE_EMAIL}
    )

    theatre.issue(*garbage.for_signups())

    assert "quarantine" in {hit.place for hit in theatre.hits()}


def test_a_chain_of_exceptions_is_found_to_its_end(theatre: Theatre) -> None:
    def fail() -> None:
        try:
            raise ValueError(f"GET /customer?email={planted.EMAIL}")
        except ValueError as cause:
            raise RuntimeError("no answer") from cause

    theatre.eyes.watch(fail)

    assert [(hit.place, hit.secret) for hit in theatre.hits()] == [("exceptions", planted.EMAIL)]


@pytest.mark.parametrize(
    "spelling",
    [
        planted.EMAIL.upper(),
        planted.EMAIL.replace("@", "%40"),
        planted.EMAIL.replace("@", "\\u0040"),
        planted.EMAIL.encode().hex(),
        "Y2FuYXJ5LmFubkBjdXN0b21lci5leGFtcGxl",
    ],
)
def test_a_secret_in_disguise_is_found(spelling: str) -> None:
    found = planted.hits({"logs": [f'{{"said": "<{spelling}>"}}']}, [planted.EMAIL])

    assert [hit.secret for hit in found][:1] == [planted.EMAIL]
