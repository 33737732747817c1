"""Secrets and personal data are planted wherever redemptions are polled, and nothing leaks."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.names import stored_as
from couponbus_sandbox.koupon.world import Offer
from tests.canary import garbage, kept, planted
from tests.canary.planted import Person
from tests.canary.polling import PollingCanaryHarness
from tests.canary.scenario import PUBLISHED_TYPES, run_scenario
from tests.canary.stage import CLUB

ODD_RECORDS: tuple[dict[str, object], ...] = (
    {"redeemed_at": f"2026-01-31 {planted.PARAMETER}"},
    {"redeemed_at": planted.TELEPHONE},
    {"currency": planted.PARAMETER},
    {"merchant_id": planted.PARAMETER},
    {"offer_id": [planted.PARAMETER]},
    {"order_value": planted.PARAMETER},
    {"code": planted.PARAMETER},
    {"tags": [planted.PARAMETER, f"for {planted.PARAMETER}", planted.UNIQODO_USER]},
    {"distributor_id": planted.PARAMETER},
    {"custom_params": f'{{"p1": "{planted.PARAMETER}'},
    {"order_id": {planted.PARAMETER: planted.ORDER}},
    {"order_id": planted.PARAMETER},
    {"order_id": planted.UNIQODO_USER},
)
# Other tests make these rows.
OF_WEBHOOKS = {"ENDPOINT", "DIRECTORY", "EVENT", "HISTORY", "DELIVERY", "PARKING", "REPLAY"}
ELSEWHERE = {
    "RESOLUTION",
    "REJECTION",
    "UNMATCHED",
    "TALLY",
    "PAUSE",
    "RECEIPT",
    "RESTORE",
    "AUDIT",
    *OF_WEBHOOKS,
}
QUERIES = ("status", "watch list", "watch pauses", "why signup-1", "why 1001")


def test_nothing_leaks_in_the_whole_scenario(polling: PollingCanaryHarness) -> None:
    run_scenario(polling)

    assert polling.published_types() >= PUBLISHED_TYPES
    assert polling.kinds() == {*KINDS, "COHORTS", "PACE", "PROGRAM"} - ELSEWHERE
    assert polling.observer.seen["exceptions"] == []
    assert polling.hits() == []
    assert {"polls", "ledger", "indexes", "output", "logs"} <= set(polling.observer.seen)
    sent = "".join(polling.observer.seen["polls"])
    assert "PollSpans" in sent
    assert "ContinueWork" in sent


def test_nothing_leaks_of_customers_who_are_known_already(polling: PollingCanaryHarness) -> None:
    people = [polling.customer() for _ in range(3)]

    polling.poll(polling.naming(*people), polling.naming(*people, program="watching"))
    polling.redeem(people[0])
    polling.run()

    assert polling.published_types() >= {"RedemptionRecorded"}
    assert len([row for row in polling.rows() if kept.kind_of(row) == "WATCH"]) == 9
    assert polling.hits() == []


def test_nothing_leaks_of_customers_whom_coniq_does_not_know(
    polling: PollingCanaryHarness,
) -> None:
    unknown = {"coniq_customer_id": None, "email": planted.UNKNOWN_EMAIL}
    ann = polling.customer()

    polling.issue(polling.sign_up_of(ann, source=CLUB, customer=unknown))
    polling.work_off()
    for _ in range(6):
        polling.sweep()
    polling.stream()

    assert polling.published_types() == {"BarcodeRefused"}
    assert polling.kinds() >= {"RESOLUTION", "WATCH"}
    assert polling.hits() == []


def test_nothing_leaks_of_a_budget_that_is_exceeded(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    polling.watched(polling.customer())
    polling.point_providers_at(monkeypatch, calls_per_day=1)

    polling.run()
    polling.command("status")

    assert polling.published_types() >= {"PollingBudgetExceeded"}
    assert polling.kinds() >= {"SCHEDULE", "NOTICE", "PACE"}
    assert polling.hits() == []


def test_nothing_leaks_of_a_redemption_that_is_odd(polling: PollingCanaryHarness) -> None:
    ann = polling.customer()
    polling.watched(ann)

    for record in ODD_RECORDS:
        polling.redeem(ann, record=record)
    polling.run()

    redeemed = [row for row in polling.rows() if kept.kind_of(row) == "REDEMPTION"]
    # One whose distributor cannot be read has no identity: it is left out, and counted.
    assert len(redeemed) == len(ODD_RECORDS) - 1
    assert polling.published_types() >= {"RedemptionRecorded"}
    assert polling.hits() == []


@pytest.mark.parametrize("said", [planted.EMAIL, planted.KOUPON_CONSUMER])
def test_nothing_leaks_of_an_offer_that_names_its_customer(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    ann = polling.customer()
    polling.watched(ann)
    name = ann.koupon_consumer if said == planted.KOUPON_CONSUMER else said
    images = f"https://images.koupon.invalid/a?for={quote(name)}&"
    monkeypatch.setattr("couponbus_sandbox.koupon.views.IMAGES", images)

    polling.koupon.add_offers(Offer(offer_id=1290, title=f"Only for {name}: half price"))
    polling.run()
    polling.command("why", "signup-1")

    assert polling.published_types() >= {"OfferAvailable"}
    assert polling.hits() == []


def test_nothing_leaks_of_messages_that_cannot_be_used(polling: PollingCanaryHarness) -> None:
    bodies = list(garbage.for_polls())

    polling.poll(*bodies, polling.naming(polling.customer()))
    polling.stream()

    quarantined = "".join(polling.observer.seen["quarantine"])
    assert quarantined.count("QuarantineLetter") >= 36
    assert polling.observer.seen["exceptions"] == []
    assert polling.kinds() >= {"WATCH"}
    assert polling.hits() == []


def a_file(folder: Path, name: str, *lines: str) -> str:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def customers_of(folder: Path, person: Person) -> list[str]:
    """Return two files that name a customer, with faults of every sort between the rows."""
    email, names = planted.EMAIL, person.names
    listed = a_file(
        folder,
        "customers.csv",
        "reference,uniqodo_user_id,koupon_consumer,email",
        f"old-1,{names[0]},{names[1]},{email}",
        f"{email},{names[0]}",
        f"old-3,,,{email}",
        f"old-1,{names[0]},,",
        f'old-4,"{email},a,b',
    )
    lined = a_file(
        folder,
        "customers.jsonl",
        json.dumps({"reference": "old-5", "koupon_consumer": names[1]}),
        json.dumps({"reference": "old-6", email: email}),
        json.dumps({"reference": "old-7", "uniqodo_user_id": [names[0]]}),
        json.dumps([email]),
        f'{{"{email}',
    )
    return [listed, lined]


def test_nothing_leaks_at_the_command_line(polling: PollingCanaryHarness, tmp_path: Path) -> None:
    ann, ben = polling.customer(), polling.customer()
    polling.watched(ann)
    polling.redeem(ann)
    polling.run()

    for query in QUERIES:
        polling.command(*query.split())
        polling.command(*query.split(), "--json")
    for row in polling.rows():
        polling.command("why", str(row["pk"]["S"]))
    for command in (("why",), ("watch", "poll"), ("watch", "cancel", "--erase", "--yes")):
        polling.command(*command, ann.uniqodo_user)
    for file in customers_of(tmp_path, ben):
        polling.command("watch", "add", file, "--program", "welcome")
        polling.command("watch", "add", file, "--program", "welcome", "--skip-invalid", "--json")
    polling.work_off()

    answers = "".join(polling.observer.seen["command"])
    assert "RECORDED" in answers
    assert answers.count("customers.csv") >= 4
    assert ben.uniqodo_user in "".join(polling.observer.seen["customers"])
    assert polling.hits() == []


def test_nothing_leaks_of_why_an_account_is_paused(polling: PollingCanaryHarness) -> None:
    account = ("--provider", "uniqodo", "--account", "main")
    polling.watched(polling.customer())

    reason = f"{planted.EMAIL}, {planted.TELEPHONE} said so"
    polling.command("watch", "pause", *account, "--reason", reason)
    polling.run()
    for query in ("watch pauses", "status", "why signup-1"):
        polling.command(*query.split())
    polling.command("watch", "resume", *account)

    assert polling.kinds() >= {"PAUSE"}
    assert "said so" in "".join(polling.observer.seen["command"])
    assert polling.hits() == []


def test_nothing_leaks_of_a_row_that_cannot_be_read(polling: PollingCanaryHarness) -> None:
    ann = polling.customer()
    polling.watched(ann)
    polling.redeem(ann)
    polling.plan()
    polling.work_off()
    broken = [{**row, stored_as("provider"): {"S": planted.ODD_SECRET}} for row in polling.rows()]

    polling.show([row for row in broken if kept.kind_of(row) in ("WATCH", "REDEMPTION")])

    assert any("row unreadable" in text for text in polling.observer.seen["logs"])
    assert polling.hits() == []


def test_nothing_leaks_of_an_unexpected_error(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object, *, user_id: str, **__: object) -> object:
        raise ValueError(f"of {user_id}")

    polling.watched(polling.customer())
    monkeypatch.setattr("couponbus.providers.redemptions.ProviderRedemptions.poll", fail)

    polling.poll(polling.naming(polling.customer()))
    polling.run()

    assert any("ValueError" in text for text in polling.observer.seen["logs"])
    assert polling.hits() == []
