"""Events that no endpoint wants are kept word for word, many in one row."""

from datetime import timedelta

import pytest

from couponbus.aws.ledger.codec import encode
from couponbus.domain.copying import replace
from couponbus.domain.strict_json import BODY_LIMIT
from couponbus.domain.webhooks.history_page import events_in, pages_of
from tests.fakes.clock import NOON
from tests.integration.aws.sizes import size
from tests.webhook_factories import any_event_record

ITEM_BYTES = 400 * 1024
MINUTE = timedelta(minutes=1)


def test_a_page_has_its_events_word_for_word() -> None:
    events = [any_event_record(event_at=NOON) for _ in range(30)]
    events[0] = replace(events[0], customer_ref=None, body='{"data":"\u20ac \U0001f600"}')

    (page,) = pages_of(events)

    assert list(page.events) == events
    assert list(events_in([events[1], page])) == [events[1], *events]


def test_the_same_events_make_the_same_page_in_any_order() -> None:
    events = [any_event_record(event_at=NOON) for _ in range(3)]

    (one,), (same,), (other,) = map(pages_of, (events, events[::-1], events[:2]))

    assert one.key == same.key
    assert one.key != other.key


def test_events_of_another_moment_have_a_page_of_their_own() -> None:
    events = [any_event_record(event_at=NOON + each * MINUTE) for each in (0, 1, 0)]

    pages = list(pages_of(events))

    assert [(page.event_at, len(page.events)) for page in pages] == [(NOON, 2), (NOON + MINUTE, 1)]


def test_without_events_there_is_no_page() -> None:
    assert list(pages_of([])) == []


@pytest.mark.parametrize("letters", ["".join(map(chr, range(0x4E00, 0x9F00))), "a"])
def test_a_page_fits_into_an_item_however_long_its_events_are(letters: str) -> None:
    body = (letters * BODY_LIMIT)[: BODY_LIMIT // 3]
    events = [replace(any_event_record(event_at=NOON), body=body) for _ in range(12)]

    pages = list(pages_of(events))

    assert [event for page in pages for event in page.events] == events
    assert max(size(encode(page)) for page in pages) < ITEM_BYTES


def test_a_hundred_usual_events_cost_a_page_of_few_units() -> None:
    (page,) = pages_of([any_event_record(event_at=NOON) for _ in range(100)])

    assert size(encode(page)) < 20 * 1024
