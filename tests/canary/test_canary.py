"""Secrets and personal data are planted everywhere, everything fails once, and nothing leaks."""

import json
import socket

import pytest

from couponbus.usecases.publishing import event_mapping
from couponbus_sandbox.coniq import FaultKind, FaultRule
from tests.canary import garbage, kept, planted
from tests.canary.harness import CanaryHarness
from tests.canary.stage import accounts_at
from tests.thorough import amount

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


def handle_sign_ups(harness: CanaryHarness) -> None:
    """Let sign-ups of every sort be handled as far as they can be."""
    harness.issue(*(harness.sign_up() for _ in range(3)))
    harness.issue(harness.sign_up(), harness.sign_up(**BY_EMAIL), harness.sign_up(**UNKNOWN))
    harness.issue(harness.sign_up())
    harness.sweep()
    harness.stream()
    harness.sweep()


def places_seen(harness: CanaryHarness) -> set[str]:
    return {place for place, texts in harness.observer.seen.items() if texts}


def test_nothing_leaks_without_faults(harness: CanaryHarness) -> None:
    handle_sign_ups(harness)
    harness.audit()

    assert len(harness.coniq.barcodes()) >= 6
    assert harness.hits() == []
    assert {"logs", "events", "ledger", "output"} <= places_seen(harness)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", list(FaultKind)[:: amount(1, few=6)])
def test_nothing_leaks_whatever_the_provider_does(harness: CanaryHarness, kind: FaultKind) -> None:
    harness.coniq.faults(*(trouble(kind, route) for route in ROUTES))

    handle_sign_ups(harness)
    harness.sweep()

    assert harness.coniq.state.faults_fired.get(kind, 0) > 0
    assert harness.hits() == []


def test_nothing_leaks_when_the_provider_cannot_be_reached(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts_at(_closed_port()))
    harness.restart()
    handle_sign_ups(harness)
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts_at("https://localhost:1"))
    harness.restart()
    handle_sign_ups(harness)

    assert harness.coniq.barcodes() == []
    assert harness.hits() == []


def test_nothing_leaks_when_the_name_is_not_resolved(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(host: str, *_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, f"{host}: name not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setenv("CONIQ_ACCOUNTS", accounts_at("https://coniq.localhost"))
    harness.restart()

    handle_sign_ups(harness)

    assert harness.hits() == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "secret",
    [
        f'{{"api_key": "{planted.ODD_SECRET}',
        f'{{"key": "{planted.ODD_SECRET}"}}',
        f'["{planted.ODD_SECRET}"]',
        f"{planted.ODD_SECRET}\r\nX-Other: 1",
        f"{planted.ODD_SECRET}é",
        f'{{"api_key": "{planted.ODD_SECRET}"}}',
    ][:: amount(1, few=3)],
)
def test_nothing_leaks_of_a_malformed_secret(harness: CanaryHarness, secret: str) -> None:
    harness.keep_secret("key", secret)

    handle_sign_ups(harness)

    assert harness.coniq.barcodes() == []
    assert harness.hits() == []


def test_nothing_leaks_of_settings_that_are_wrong(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = f"http://user:{planted.ODD_SECRET}@127.0.0.1:1"
    for accounts in (accounts_at(wrong), f'[{{"name": "{planted.ODD_SECRET}"'):
        monkeypatch.setenv("CONIQ_ACCOUNTS", accounts)
        harness.restart()
        harness.issue(harness.sign_up())

    assert len(harness.observer.seen["exceptions"]) == 2
    assert harness.hits() == []


def test_nothing_leaks_of_messages_that_cannot_be_used(harness: CanaryHarness) -> None:
    bodies = list(garbage.for_signups())

    harness.issue(*bodies, harness.sign_up())
    for body in bodies:
        harness.issue(body)
    harness.stream()

    assert len(harness.coniq.barcodes()) == 1
    quarantined = "".join(harness.observer.seen["quarantine"])
    assert quarantined.count("QuarantineLetter") >= 20
    assert "SignUpRejected" in "".join(harness.observer.seen["events"])
    # The scan leaves out the bodies in this one queue, whose purpose is to keep them.
    assert planted.GARBAGE_EMAIL in "".join(harness.taken("UNIDENTIFIED_QUEUE_URL"))
    assert harness.hits() == []


def test_nothing_leaks_of_what_is_dropped_from_a_sign_up_or_around_it(
    harness: CanaryHarness,
) -> None:
    details = list(garbage.odd_details())
    bodies = [
        body
        for number, detail in enumerate(details)
        for body in garbage.in_envelopes(garbage.numbered(detail, number))
    ]

    harness.issue(*bodies)
    harness.sweep()
    harness.stream()
    for query in ("status", *(f"why odd-{number}" for number in range(len(details)))):
        harness.command(*query.split())

    assert len(harness.coniq.barcodes()) + 2 == len(details)  # two of which no age is known
    assert "dropped_fields" in "".join(harness.observer.seen["events"])
    assert harness.observer.seen["quarantine"] == []
    assert harness.hits() == []


def test_no_trace_shows_personal_data_of_sign_ups_that_no_program_wants(
    harness: CanaryHarness,
) -> None:
    harness.command("programs", "remove", "welcome")
    harness.restart()

    odd = (garbage.numbered(each, number) for number, each in enumerate(garbage.odd_details()))
    harness.issue(harness.sign_up(), harness.sign_up(), *map(json.dumps, odd))
    harness.stream()
    for query in ("status", "why signup-1", "why odd-1", "programs rematch --since 7d --dry-run"):
        harness.command(*query.split())

    assert {"UNMATCHED", "TALLY"} <= harness.kinds()
    assert "SignUpUnmatched" in "".join(harness.observer.seen["events"])
    assert harness.hits() == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "kind",
    [FaultKind.COMMIT_THEN_DROP, FaultKind.K_OF_N, FaultKind.FOREIGN][: amount(3, few=1)],
)
def test_nothing_leaks_at_the_command_line(harness: CanaryHarness, kind: FaultKind) -> None:
    harness.coniq.faults(FaultRule(kind=kind, route="POST /barcode/batch"))
    handle_sign_ups(harness)

    codes = [code for item in harness.rows() if (code := kept.text_in(item, "tracking_code"))]
    for form in ((), ("--json",)):
        harness.command("status", *form)
        harness.command("programs", "list", *form)
        harness.command("why", "1001", *form)
        harness.command("why", codes[0], *form)
    for number in range(1, 8):
        harness.command("why", f"signup-{number}")

    assert any("signup-1" in text for text in harness.observer.seen["command"])
    assert harness.hits() == []


def test_nothing_leaks_when_aws_fails(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    for setting in ("TABLE_NAME", "BUS_NAME", "QUARANTINE_QUEUE_URL", "PEPPER_SECRET_ID"):
        with monkeypatch.context() as patch:
            patch.setenv(setting, "https://sqs.eu-west-1.amazonaws.com/123456789012/nothing")
            harness.restart()
            handle_sign_ups(harness)
            harness.issue(*garbage.for_signups())
        harness.restart()

    assert harness.hits() == []


def test_nothing_leaks_of_a_row_that_cannot_be_read(harness: CanaryHarness) -> None:
    harness.issue(harness.sign_up(), harness.sign_up())
    broken = [{**row, "state": {"S": "ON FIRE"}} for row in harness.rows()]

    harness.show(broken)

    assert any("row unreadable" in text for text in harness.observer.seen["logs"])
    assert harness.hits() == []


def _closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


# The scan itself: a leak in each place is found.


def test_a_number_that_is_not_masked_is_found_on_the_bus(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_mapping, "masked", str)

    handle_sign_ups(harness)

    assert {hit.place for hit in harness.hits()} == {"events", "notifications"}


def test_an_url_in_a_log_line_is_found(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("couponbus.providers.http.transport.silence_urllib3", lambda: None)
    monkeypatch.setattr("couponbus.providers.http.connections._errors_only", lambda _: True)
    harness.listen_again()

    harness.issue(harness.sign_up(**BY_EMAIL))

    assert {(hit.place, hit.secret) for hit in harness.hits()} == {("logs", planted.EMAIL)}


def test_a_quarantine_record_that_quotes_is_found_in_its_queue(
    harness: CanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "couponbus.usecases.issuing.sign_up_reading.KNOWN_FIELDS", {planted.GARBAGE_EMAIL}
    )

    harness.issue(*garbage.for_signups())

    assert "quarantine" in {hit.place for hit in harness.hits()}


def test_a_chain_of_exceptions_is_found_to_its_end(harness: CanaryHarness) -> None:
    def fail() -> None:
        try:
            raise ValueError(f"GET /customer?email={planted.EMAIL}")
        except ValueError as cause:
            raise RuntimeError("no answer") from cause

    harness.observer.observe(fail)

    assert [(hit.place, hit.secret) for hit in harness.hits()] == [("exceptions", planted.EMAIL)]


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
