"""The scan itself: a leak in each place that polling has is found."""

import json
from collections.abc import Iterator
from functools import partial, partialmethod

import pytest

from couponbus.aws.ledger.names import stored_as
from couponbus.domain.copying import replace
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.row import Row
from couponbus.events.commands import ContinueWork
from couponbus.runtime.queue_batches import respond
from couponbus.usecases.issuing import request_barcodes
from tests.canary import garbage, planted
from tests.canary.harness import TABLE, CanaryHarness
from tests.canary.polling import PollingCanaryHarness

OF_THE_LEDGER = (
    "WATCH",
    "REDEMPTION",
    "NOTICE",
    "STOCK",
    "PAUSE",
    "SCHEDULE",
    "PACE",
    "COHORTS",
    "PROGRAM",
    "ANYTHING",
)


def places(harness: CanaryHarness) -> set[str]:
    return {hit.place for hit in harness.hits()}


@pytest.mark.parametrize("kind", OF_THE_LEDGER)
def test_a_name_in_any_row_is_found(harness: CanaryHarness, kind: str) -> None:
    item = {"pk": {"S": f"{kind}#1"}, "sk": {"S": "ROW"}, "note": {"S": planted.UNIQODO_USER}}

    harness.clients.dynamodb.put_item(TableName=TABLE, Item=item)

    assert places(harness) == {"ledger"}


@pytest.mark.parametrize(
    "erased",
    [{"reason": {"S": "customer_erased"}}, {"reason": {"S": "cancelled"}}],
    ids=["erased", "cancelled"],
)
def test_a_name_in_a_watch_is_found_once_it_was_erased(
    harness: CanaryHarness, erased: dict[str, dict[str, str]]
) -> None:
    item = {
        "pk": {"S": "WATCH#1"},
        "sk": {"S": "ROW"},
        stored_as("user_id"): {"S": planted.UNIQODO_USER},
    }

    harness.clients.dynamodb.put_item(TableName=TABLE, Item={**item, **erased})

    assert places(harness) == ({"ledger"} if "customer_erased" in str(erased) else set())


def test_a_name_in_the_key_of_an_index_is_found(harness: CanaryHarness) -> None:
    item = {
        "pk": {"S": "WATCH#1"},
        "sk": {"S": "ROW"},
        "cohort": {"S": planted.KOUPON_CONSUMER},
        "place": {"S": "1"},
        stored_as("user_id"): {"S": planted.KOUPON_CONSUMER},
    }

    harness.clients.dynamodb.put_item(TableName=TABLE, Item=item)

    assert places(harness) == {"ledger", "indexes"}


def test_a_code_that_is_not_masked_is_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("couponbus.domain.polling.published_redemption.masked", str)
    ann = polling.customer()
    polling.watched(ann)

    polling.redeem(ann)
    polling.run()

    assert {(hit.place, hit.secret) for hit in polling.hits()} == {
        ("ledger", planted.CODE),
        ("events", planted.CODE),
        ("notifications", planted.CODE),
    }


def test_a_message_to_the_pollers_that_names_a_customer_is_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def naming(keys: tuple[str, ...]) -> ContinueWork:
        return ContinueWork(keys=(*keys, f"WATCH#{planted.KOUPON_CONSUMER}"))

    monkeypatch.setattr("couponbus.usecases.polling.start_watches.ContinueWork", naming)

    polling.issue(polling.sign_up())

    assert places(polling) == {"polls"}


def test_a_watch_command_may_name_customers_but_show_no_key(harness: CanaryHarness) -> None:
    harness.observer.note("customers", f"{planted.UNIQODO_USER} {planted.UNIQODO_KEY}")

    assert {hit.secret for hit in harness.hits()} == {planted.UNIQODO_KEY}


def test_a_quarantine_record_that_quotes_a_poll_is_found_in_its_queue(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("couponbus.usecases.polling.poll_messages._part", lambda part, _: str(part))

    polling.poll(*garbage.for_polls())

    assert places(polling) == {"quarantine"}


def test_names_that_a_batch_does_not_forget_are_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remembering(row: Issuance, *, claim_id: str) -> Issuance:
        return replace(row, claim_id=claim_id, due_at=None, published=row.outcomes)

    monkeypatch.setattr(Issuance, "left_to_batch", remembering)

    polling.watched(polling.person())

    assert places(polling) == {"ledger"}


def test_names_that_outlive_their_use_in_an_issuance_are_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_barcodes, "_left_to", lambda _, row: row)  # all go by the stream
    monkeypatch.setattr(Issuance, "announced", Row.announced)

    polling.watched(polling.person())
    assert polling.hits() == []
    polling.stream()

    assert places(polling) == {"ledger"}


def test_a_watch_that_does_not_forget_is_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Watch, "erased", partialmethod(Watch.ended, reason=EndReason.ERASED))
    polling.watched(polling.person())

    polling.command("watch", "cancel", "signup-1", "--erase", "--yes")
    polling.work_off()

    assert places(polling) == {"ledger"}


def test_the_urls_of_the_polled_are_found_in_log_lines(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("couponbus.providers.http.transport.silence_urllib3", lambda: None)
    monkeypatch.setattr("couponbus.providers.http.connections._errors_only", lambda _: True)
    polling.listen_again()

    polling.poll(polling.naming(polling.person()))

    secrets = {hit.secret for hit in polling.hits() if hit.place == "logs"}
    assert secrets >= {
        planted.UNIQODO_KEY,
        planted.UNIQODO_USER,
        planted.KOUPON_IDENTIFIER,
        planted.KOUPON_CONSUMER,
    }


def test_a_metric_with_a_name_in_it_is_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {planted.UNIQODO_USER: 1.0}
    naming = partial(respond, counts=lambda _: counts)
    monkeypatch.setattr("functions.poll_redemptions.handler.respond", naming)

    polling.poll(polling.naming(polling.person()))

    assert places(polling) >= {"output", "logs"}


def test_an_answer_at_the_command_line_that_names_a_customer_is_found(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whole(row: Watch, **_: object) -> dict[str, object]:
        return {"watch_id": row.watch_id, "user_id": row.user_id}

    monkeypatch.setattr("couponbus_cli.watch.commands.data_of", whole)
    polling.watched(polling.person())

    polling.command("watch", "list", "--json")

    assert {(hit.place, hit.secret) for hit in polling.hits()} == {
        ("command", planted.KOUPON_CONSUMER)
    }


def disguises() -> Iterator[tuple[str, str]]:
    person = planted.Person(number=7)
    yield planted.UNIQODO_KEY, "canary%24uniqodo%2fkey-not-real-8R"
    yield planted.UNIQODO_USER, json.dumps({"user": person.uniqodo_user})
    yield planted.KOUPON_CONSUMER, person.koupon_consumer.swapcase()
    yield planted.KOUPON_CONSUMER, "MDctQ2FuYXJ5S283eA=="
    yield planted.KOUPON_CONSUMER, person.koupon_consumer.encode().hex()
    yield planted.CODE, person.code(1)


@pytest.mark.parametrize(("secret", "spelling"), list(disguises()))
def test_a_planted_part_is_found_in_a_whole_name(secret: str, spelling: str) -> None:
    found = planted.hits({"logs": [f"<{spelling}>"]}, [secret])

    assert [hit.secret for hit in found][:1] == [secret]
