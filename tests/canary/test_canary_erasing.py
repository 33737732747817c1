"""An erased customer is nowhere any more but in earlier events, under a pseudonym."""

import json

from tests.canary import kept, planted
from tests.canary.harness import TABLE
from tests.canary.planted import Person
from tests.canary.polling import ONCE, TWICE, PollingCanaryHarness


def everything_stored() -> list[str]:
    """Return all that the ledger and its indexes hold, including what they may hold."""
    items = [*kept.items_of(TABLE), *(item for _, item in kept.items_of_indexes(TABLE))]
    return [json.dumps(item) for item in items]


def traces(harness: PollingCanaryHarness, person: Person) -> list[planted.Hit]:
    """Return what was seen of a customer, and what is stored of them."""
    secrets = [*person.names, person.code(0), person.code(1), planted.ORDER, person.parameter]
    return planted.hits({**harness.observer.seen, "stored": everything_stored()}, secrets)


def test_no_trace_is_left_of_an_erased_customer(polling: PollingCanaryHarness) -> None:
    ann, ben = polling.customer(), polling.customer()
    polling.watched(ann, ben)
    for person in (ann, ben):
        polling.redeem(person)
        polling.koupon.redeem(person.koupon_consumer, TWICE)
    polling.run()
    assert polling.events().count("RedemptionRecorded") == 4
    assert {hit.place for hit in traces(polling, ann)} == {"stored"}

    polling.redeem(ann)
    polling.plan()
    polling.command("watch", "cancel", "signup-1", "--erase", "--yes")
    polling.work_off()
    polling.stream()
    polling.koupon.redeem(ann.koupon_consumer, ONCE)
    polling.redeem(ben)
    polling.run()
    polling.poll_again()
    polling.command("why", "signup-1")
    polling.command("watch", "list", "--json")

    assert polling.events().count("RedemptionRecorded") == 5
    assert "The customer was erased" in "".join(polling.observer.seen["command"])
    assert traces(polling, ann) == []
    assert {hit.place for hit in traces(polling, ben)} == {"stored"}


def test_an_erased_customer_is_not_stored_again_at_another_sign_up(
    polling: PollingCanaryHarness,
) -> None:
    ann = polling.customer()
    polling.watched(ann)
    polling.stream()
    polling.command("watch", "cancel", "signup-1", "--erase", "--yes")
    polling.work_off()
    polling.stream()
    before = len(polling.uniqodo.calls())

    again = {"coniq_customer_id": 4711}
    polling.issue(polling.sign_up_of(ann, signup_id="signup-99", customer=again))
    polling.poll(polling.naming(ann))
    polling.run()
    polling.poll_again()

    assert len(polling.coniq.barcodes()) == 2
    assert len(polling.uniqodo.calls()) == before
    assert traces(polling, ann) == []


def test_a_customer_erased_before_the_first_poll_leaves_no_trace(
    polling: PollingCanaryHarness,
) -> None:
    ann = polling.customer()
    polling.issue(polling.sign_up_of(ann))

    polling.command("watch", "cancel", "signup-1", "--erase", "--yes")
    polling.work_off()
    polling.stream()
    polling.poll_again()

    assert polling.uniqodo.calls() == []
    assert polling.published_types() == {"BarcodeIssued", "WatchEnded"}
    assert traces(polling, ann) == []
