"""Watches with a filter have cohorts of their own, and what they cost in the table."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from couponbus.aws.ledger.codec import encode
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.polling.cohort_items import PROJECTED, document_of
from couponbus.aws.polling.cohorts import DynamoCohorts
from couponbus.domain.polling.cohort import Span
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.provider import Provider
from tests import factories
from tests.integration.aws.cloud import TABLE, Cloud
from tests.integration.aws.sizes import size


@pytest.mark.parametrize(
    "list_filter",
    [
        ListFilter(channel="web", storeid=("12", "34")),
        ListFilter(digital_property_code="app", publishedonly=False),
    ],
)
def test_a_cohort_and_its_watches_are_found_with_their_filter(
    cloud: Cloud, ledger: DynamoLedger, list_filter: ListFilter
) -> None:
    cohorts = DynamoCohorts(client=cloud.clients.dynamodb, table=TABLE)
    watch = replace(factories.any_active_watch(seed=1), list_filter=list_filter)
    plain = replace(factories.any_active_watch(seed=1), watch_id="ANOTHER")
    assert watch.age_cohort is not None
    assert plain.age_cohort is not None
    ledger.write([watch.written("mine"), plain.written("mine")])
    cohorts.enter({plain.age_cohort: 1, watch.age_cohort: 2})

    sizes = {each.cohort: each.watches for each in cohorts.sizes().readable}
    found = {
        member.watch_id: cohort
        for cohort in sizes
        for shard in range(4)
        for member in cohorts.members(
            Span(cohort_key=cohort.key, shard=shard, first="00000000", last="99999999~")
        )
    }

    assert sizes == {plain.age_cohort: 1, watch.age_cohort: 2}
    assert found == {plain.watch_id: plain.age_cohort, watch.watch_id: watch.age_cohort}


def test_a_version_without_filters_reads_no_cohort_that_has_one() -> None:
    before = TypeAdapter(tuple[Provider, str, int, int, int, int])
    group = factories.any_group(seed=1)

    assert before.validate_json(document_of(group))[1] == group.account
    with pytest.raises(ValidationError):
        before.validate_json(document_of(replace(group, list_filter=ListFilter(channel="web"))))


def test_a_filter_costs_the_registry_its_own_length_and_the_index_nothing() -> None:
    stores = tuple(f"{number:06d}" for number in range(50))
    watch = replace(factories.any_active_watch(seed=1), list_filter=None)
    written = [
        len(document_of(replace(watch.group, list_filter=one)))
        for one in (None, ListFilter(channel="mobile"), ListFilter(storeid=stores))
    ]
    filtered = encode(replace(watch, list_filter=ListFilter(storeid=stores)))

    assert [each - written[0] for each in written[1:]] == [24, 469]
    assert stored_as("list_filter") not in PROJECTED
    assert size(filtered) - size(encode(watch)) <= 600
