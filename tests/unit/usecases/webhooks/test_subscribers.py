"""Which endpoints subscribe to which events."""

from dataclasses import replace

import pytest

from couponbus.events.barcodes import BarcodeIssued
from couponbus.events.endpoints import EndpointDisabled
from couponbus.events.redemptions import RedemptionRecorded, RedemptionUpdated
from couponbus.usecases.store import Store
from couponbus.usecases.webhooks.scoped_body import SCOPES
from couponbus.usecases.webhooks.subscribers import DISABLING, Subscribers, pattern_problem, wants
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.ledger import MemoryLedger
from tests.webhook_factories import any_endpoint, any_event_record, directory_of

EVENT = any_event_record()


def test_events_that_are_treated_by_their_names_have_these_names() -> None:
    assert EndpointDisabled.detail_type == DISABLING
    assert {*SCOPES} == {
        each.detail_type for each in (BarcodeIssued, RedemptionRecorded, RedemptionUpdated)
    }


def test_an_event_of_another_tenant_is_not_wanted() -> None:
    assert wants(any_endpoint(), EVENT)
    assert not wants(replace(any_endpoint(), tenant="brand"), EVENT)


def test_a_test_is_for_its_own_endpoint_whatever_that_asked_for() -> None:
    tried, other = replace(any_endpoint(), pattern='{"source": ["another.source"]}'), any_endpoint()
    test = replace(EVENT, only_for=tried.endpoint_id)

    assert wants(tried, test)
    assert not wants(other, test)


def test_endpoints_are_found_in_the_order_of_their_coming_but_for_the_removed() -> None:
    first, removed, last = any_endpoint(), any_endpoint().removed(now=NOON), any_endpoint()
    ledger = MemoryLedger(directory_of(first, removed, last), first, removed, last)
    store = Store(ledger=ledger, ids=CountingIds(), clock=ManualClock())

    found = Subscribers(store=store).of(["default", "brand", "default"])

    assert found.endpoints == {"default": [first, last]}
    assert found.incomplete == frozenset()


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("{}", None),
        ('{"source": ["couponbus.barcodes"]}', None),
        ("", "the pattern is no JSON"),
        ("[" * 100_000, "the pattern is no JSON"),
        ('["couponbus.barcodes"]', "the pattern is no JSON object"),
        ('{"source": "couponbus.barcodes"}', "source: write a list of values, such as "),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern: str, problem: str | None) -> None:
    said = pattern_problem(pattern)

    assert said == problem if problem is None else (said or "").startswith(problem)


def test_an_endpoint_that_cannot_be_read_leaves_its_tenant_incomplete_and_the_others_found() -> (
    None
):
    first, strange = any_endpoint(), any_endpoint()
    ledger = MemoryLedger(directory_of(first, strange), first, strange)
    ledger.broken.add(strange.key)
    store = Store(ledger=ledger, ids=CountingIds(), clock=ManualClock())

    found = Subscribers(store=store).of(["default", "brand"])

    assert (found.of("default"), found.of("brand")) == ([first], ())
    assert found.incomplete == {"default"}


def test_a_directory_that_cannot_be_read_is_not_taken_for_a_tenant_without_endpoints() -> None:
    directory = directory_of(any_endpoint())
    ledger = MemoryLedger(directory)
    ledger.broken.add(directory.key)
    store = Store(ledger=ledger, ids=CountingIds(), clock=ManualClock())

    assert Subscribers(store=store).of(["default"]).incomplete == {"default"}
