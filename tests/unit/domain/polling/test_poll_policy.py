"""An invalid poll policy is refused, and what is polled alike is one group."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.polling.poll_policy import DAY, ListFilter, PollGroup, PollPolicy
from couponbus.domain.provider import Provider
from tests import factories


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"share_permille": 0}, "share"),
        ({"share_permille": 1001}, "share"),
        ({"floor_seconds": 59}, "floor"),
        ({"floor_seconds": 301, "cap_seconds": 300}, "floor"),
        ({"cap_seconds": 8 * DAY, "horizon_seconds": 7 * DAY}, "horizon"),
        ({"horizon_seconds": 367 * DAY}, "horizon"),
    ],
)
def test_a_poll_policy_without_steps_is_refused(fields: Mapping[str, int], message: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=message):
        PollPolicy(**fields)


def test_the_extremes_are_poll_policies() -> None:
    steady = PollPolicy(share_permille=1, floor_seconds=60, cap_seconds=60, horizon_seconds=60)

    assert steady.floor_seconds == steady.cap_seconds == steady.horizon_seconds
    assert PollPolicy(share_permille=1000, horizon_seconds=366 * DAY)


def test_the_default_is_a_tenth_of_the_age_from_five_minutes_to_half_a_day() -> None:
    poll_policy = PollPolicy()

    assert (poll_policy.share_permille, poll_policy.floor_seconds) == (100, 300)
    assert (poll_policy.cap_seconds, poll_policy.horizon_seconds) == (DAY // 2, 90 * DAY)


def test_those_who_are_polled_alike_are_one_group() -> None:
    order = factories.any_order()

    another = replace(order, promotion="another", grace_seconds=1, warn_days=99)

    assert another.group == order.group
    assert another.group.id == order.group.id


def test_whatever_decides_about_polling_makes_another_group() -> None:
    group = PollGroup(provider=Provider.UNIQODO, account="brand", poll_policy=PollPolicy())
    others = [
        replace(group, provider=Provider.KOUPON),
        replace(group, account="another"),
        *(
            replace(group, poll_policy=replace(group.poll_policy, **field))
            for field in (
                {"share_permille": 101},
                {"floor_seconds": 301},
                {"cap_seconds": 43_201},
                {"horizon_seconds": 91 * DAY},
            )
        ),
    ]

    assert len({one.id for one in (group, *others)}) == 7


def test_the_groups_of_lists_without_a_filter_have_the_ids_that_they_always_had() -> None:
    uniqodo = PollGroup(provider=Provider.UNIQODO, account="main", poll_policy=PollPolicy())
    koupon = replace(uniqodo, provider=Provider.KOUPON, list_filter=None)

    assert (uniqodo.id, koupon.id) == ("GMNEHJK3DM", "RVKYJ3IPXO")


def test_each_filter_makes_a_group_of_its_own() -> None:
    group = PollGroup(provider=Provider.KOUPON, account="main", poll_policy=PollPolicy())
    filters = [
        None,
        ListFilter(channel="web"),
        ListFilter(channel="app"),
        ListFilter(digital_property_code="web"),
        ListFilter(publishedonly=True),
        ListFilter(publishedonly=False),
        ListFilter(storeid=("12",)),
        ListFilter(storeid=("12", "34")),
    ]

    assert len({replace(group, list_filter=one).id for one in filters}) == len(filters)


def test_a_filter_is_shown_in_the_words_of_koupon() -> None:
    everything = ListFilter(
        channel="web", digital_property_code="app", publishedonly=False, storeid=("12", "34")
    )

    assert list(everything.texts) == [
        "channel=web",
        "digital_property_code=app",
        "publishedonly=no",
        "storeid=12,34",
    ]
    assert list(ListFilter().texts) == []
