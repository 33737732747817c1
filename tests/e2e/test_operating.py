"""The operator's command on the deployed product, and the audit that needs an operator."""

import json
from pathlib import Path

import requests

from couponbus_sandbox.coniq import FaultKind, FaultRule
from couponbus_sandbox.local.stack import QUICK
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Customer, Product, any_customer, sign_up

KEY = 'ApiKey key="test-key-not-real"'
MORE_PROGRAMS = """
programs:
  - name: extra
    match: { detail: { attributes: { kind: [extra] } } }
    account: main
    offer_id: 102
    channel: SMS
    precheck_existing: false
"""


def test_programs_are_applied_listed_and_removed(product: Product, tmp_path: Path) -> None:
    file = tmp_path / "programs.yaml"
    file.write_text(MORE_PROGRAMS)

    applied = product.couponbus("programs", "apply", str(file))
    listed = product.couponbus("programs", "list", "--json")
    removed = product.couponbus("programs", "remove", "extra")
    after = product.couponbus("programs", "list", "--json")

    assert (applied.returncode, removed.returncode) == (0, 0)
    assert '"extra"' in listed.stdout
    assert '"extra"' not in after.stdout


def test_status_and_why_show_a_sign_up(product: Product) -> None:
    who = any_customer()
    product.put_events(sign_up(who))
    product.until_received("BarcodeIssued", who.signup_id)
    [number] = product.numbers(who)

    status = product.couponbus("status", "--counts", "--json")
    why = product.couponbus("why", who.signup_id)
    unknown = product.couponbus("why", "never-signed-up")

    counts = json.loads(status.stdout)["counts"]
    assert counts["ISSUANCE"]["ISSUED"] >= 1
    assert why.returncode == 0
    assert number[-4:] in why.stdout
    assert number not in why.stdout
    assert unknown.returncode == 1


def test_what_comes_while_issuing_is_stopped_is_issued_once_when_it_starts(
    product: Product,
) -> None:
    first, second = any_customer(), any_customer()
    stopped = product.couponbus("stop", "issuing")
    product.put_events(sign_up(first), sign_up(second), sign_up(first))
    until(lambda: product.waiting("signups") == 3)
    status = product.couponbus("status")
    doctor = product.couponbus("doctor", "--json")
    product.tick_for(seconds=1)
    meanwhile = [*product.barcodes(first), *product.barcodes(second)]
    started = product.couponbus("start", "issuing")

    for each in (first, second):
        product.until_received("BarcodeIssued", each.signup_id)

    assert (stopped.returncode, started.returncode) == (0, 0)
    assert meanwhile == []
    assert "signups → issue_barcodes is switched off" in status.stdout
    assert doctor.returncode == 1
    assert findings_of(doctor.stdout)["triggers"]["verdict"] == "problem"
    assert [len(product.numbers(each)) for each in (first, second)] == [1, 1]


def test_the_doctor_of_a_stage_on_this_machine_finds_nothing_wrong_and_says_what_it_cannot_know(
    product: Product,
) -> None:
    doctor = product.couponbus("doctor", "--json")

    found = {name: each["verdict"] for name, each in findings_of(doctor.stdout).items()}
    assert doctor.returncode == 0, doctor.stdout
    assert {name for name, verdict in found.items() if verdict == "ok"} >= {
        "account",
        "clock",
        "stacks",
        "concurrency",
        "secrets",
        "table",
        "triggers",
        "providers",
    }
    assert {name for name, verdict in found.items() if verdict == "not_known"} == {
        "bootstrap",
        "quotas",
        "alarms",
    }


def findings_of(answer: str) -> dict[str, dict[str, str]]:
    return {each["check"]: each for each in json.loads(answer)["findings"]}


def test_an_operator_chooses_between_two_barcodes_and_the_audit_still_reports_both(
    product: Product,
) -> None:
    who = any_customer()
    duplicates_before = product.invoke("audit_barcodes")["DuplicatesFound"]
    product.coniq.faults(
        FaultRule(kind=FaultKind.COMMIT_THEN_DROP, customer_id=who.customer_id, count=1)
    )
    product.put_events(sign_up(who))
    [first] = until(lambda: product.barcodes(who))
    until(lambda: product.waiting("signups") == 0)
    plant_a_second_barcode(product, who, tracking_code=first["tracking_code"])
    product.stack.move_clock(seconds=settle_seconds())

    received = product.until_received("BarcodeAmbiguous", who.signup_id)
    status = product.couponbus("status", "--json")
    resolved = product.couponbus(
        "resolve",
        str(received["issuance_id"]),
        "--choose",
        str(first["barcode_number"])[-4:],
        "--reason",
        "the first one",
        "--yes",
    )
    issued = product.until_received("BarcodeIssued", who.signup_id)
    product.stack.move_clock(seconds=settle_seconds())
    audited = product.invoke("audit_barcodes")

    assert duplicates_before == 0
    assert str(received["issuance_id"]) in json.dumps(json.loads(status.stdout)["ambiguous"])
    assert (status.returncode, resolved.returncode) == (1, 0)
    assert issued["origin"] == "chosen"
    assert audited["DuplicatesFound"] == 1


def plant_a_second_barcode(product: Product, who: Customer, *, tracking_code: object) -> None:
    """Issue as another client would that uses the same tracking code by mistake."""
    answer = requests.post(
        f"{product.coniq.url}/barcode",
        json={
            "customer_id": who.customer_id,
            "offer_id": 101,
            "channel": "MOBILE",
            "tracking_code": tracking_code,
        },
        headers={"Authorization": KEY, "x-api-version": "2.0"},
        timeout=5,
    )
    assert answer.status_code == 201


def settle_seconds() -> float:
    """Return how long the audit leaves a fresh barcode alone."""
    timing = QUICK["timing"]
    assert isinstance(timing, dict)
    return float(timing["settle"])
