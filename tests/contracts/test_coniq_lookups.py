"""Client and simulator of Coniq agree on how barcodes and customers are looked up."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
)
from couponbus.domain.issuing.account import Lookup
from couponbus_sandbox.coniq import (
    ConiqSandbox,
    ConiqSettings,
    FaultKind,
    FaultRule,
    NewCustomer,
    coniq_server,
)
from couponbus_sandbox.simulator.wordings import Wording
from tests.contracts.coniq import CLOCK, SECONDS, applied, barcode_requests, client, find, issue


@pytest.fixture(scope="module")
def running() -> Iterator[ConiqSandbox]:
    with coniq_server(ConiqSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: ConiqSandbox) -> ConiqSandbox:
    running.reset()
    return running


@pytest.mark.parametrize("lookup", list(Lookup))
def test_a_look_up_finds_what_is_there_and_nothing_else(
    sandbox: ConiqSandbox, lookup: Lookup
) -> None:
    coniq = client(sandbox, lookup=lookup)
    requests = barcode_requests(3)
    issued = applied(list(issue(coniq, requests[:2]).attempts))

    assert [find(coniq, request) for request in requests] == [[issued[0]], [issued[1]], []]


def test_existing_barcodes_are_found_however_they_were_issued(sandbox: ConiqSandbox) -> None:
    coniq = client(sandbox)
    (request,) = barcode_requests(1)
    (barcode,) = applied(list(issue(coniq, [request]).attempts))
    ours = replace(request, tracking_code="sig-later")

    existing = coniq.existing(account="main", request=ours, deadline=CLOCK.after(SECONDS))

    assert list(existing) == [barcode]
    assert find(coniq, ours) == []


def test_all_criteria_reach_coniq(sandbox: ConiqSandbox) -> None:
    (customer_id,) = sandbox.add_customers(NewCustomer(email="ann+shop@example.test"))
    request = replace(barcode_requests(1)[0], customer_id=customer_id)
    coniq = client(sandbox)
    (barcode,) = applied(list(issue(coniq, [request]).attempts))
    criteria = {
        "customer_email": "ann+shop@example.test",
        "offer_id": "101",
        "customer_id": str(customer_id),
        "barcode_number": barcode.number,
        "tracking_code": "sig-0",
        "channel": "MAIL",
    }

    for chosen in [criteria, *({name: value} for name, value in criteria.items())]:
        found = coniq.barcodes(account="main", criteria=chosen, deadline=CLOCK.after(SECONDS))

        assert list(found) == [barcode]
    assert sandbox.calls()[1]["query"] == criteria


@pytest.mark.parametrize("unknown", ["empty", "not_found"])
def test_a_customer_is_found_by_e_mail_once_coniq_knows_it(
    sandbox: ConiqSandbox, unknown: str
) -> None:
    sandbox.change(unknown_customer=unknown)
    coniq = client(sandbox, absence_status=404 if unknown == "not_found" else None)
    (customer_id,) = sandbox.add_customers(
        NewCustomer(email="ann+shop@example.test", visible_in_seconds=60)
    )

    def ask(email: str) -> int | None:
        return coniq.find_customer(account="main", email=email, deadline=CLOCK.after(SECONDS))

    assert ask("ann+shop@example.test") is None
    sandbox.advance_clock(seconds=61)
    assert ask("Ann+Shop@Example.test") == customer_id
    assert ask("bob@example.test") is None


@pytest.mark.parametrize(
    ("fault", "kind", "calls"),
    [
        (FaultRule(kind=FaultKind.UNAUTHORIZED), CredentialsRefused, 2),
        (FaultRule(kind=FaultKind.RATE_LIMITED), ProviderBusy, 1),
        (FaultRule(kind=FaultKind.UNAVAILABLE), ProviderBusy, 1),
        (FaultRule(kind=FaultKind.SERVER_ERROR), ProviderUnavailable, 3),
        (FaultRule(kind=FaultKind.RESET_BEFORE_COMMIT), ProviderUnavailable, 3),
        (FaultRule(kind=FaultKind.HTML), ContractBroken, 1),
        (FaultRule(kind=FaultKind.REDIRECT), GatewayAnswered, 1),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, FaultRule) else "",
)
def test_each_fault_of_a_look_up_says_what_can_be_done(
    sandbox: ConiqSandbox, fault: FaultRule, kind: type[ProviderError], calls: int
) -> None:
    sandbox.faults(fault)

    with pytest.raises(ProviderError) as raised:
        find(client(sandbox), barcode_requests(1)[0])

    assert type(raised.value) is kind
    assert len(sandbox.calls()) == calls


@pytest.mark.parametrize("wording", [each for each in Wording if each is not Wording.EMPTY])
def test_an_error_under_a_success_is_no_empty_list(sandbox: ConiqSandbox, wording: Wording) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.ANSWER, status=207, wording=wording))

    with pytest.raises(ContractBroken):
        find(client(sandbox), barcode_requests(1)[0])


def test_a_look_up_survives_a_passing_fault(sandbox: ConiqSandbox) -> None:
    coniq = client(sandbox)
    (barcode,) = applied(list(issue(coniq, barcode_requests(1)).attempts))
    sandbox.faults(
        FaultRule(kind=FaultKind.BAD_GATEWAY, count=1),
        FaultRule(kind=FaultKind.RESET_BEFORE_COMMIT, count=1),
    )

    assert find(coniq, barcode_requests(1)[0]) == [barcode]
