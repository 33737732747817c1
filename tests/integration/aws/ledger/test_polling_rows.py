"""How watches and the rows of their polls are stored in the table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.aws.ledger.codec import decode, encode
from couponbus.aws.ledger.names import stored_as
from couponbus.aws.ledger.retention import REDEEMED, WATCHED
from couponbus.domain.polling.cohort import place_of, shard_of_watch
from couponbus.domain.polling.known import KnownUse
from couponbus.domain.polling.notice import NoticeKind
from couponbus.domain.polling.recorded_redemption import LastEvent, RecordedRedemption
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import EndReason
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from tests import factories
from tests.fakes.clock import NOON
from tests.integration.aws.sizes import size

KILOBYTE = 1024
TENANT, SIGN_UP = stored_as("tenant"), stored_as("signup_id")
DAY = timedelta(days=1)
LONGEST_WATCH = 366 * DAY
COHORT_KEYS = {"cohort", "place", "end_cohort", "end_place"}


def with_usual_names(watch: Watch) -> Watch:
    return replace(
        watch,
        tenant="acme-retail-group",
        account="acme-flagship",
        promotion="welcome-offer-2026",
        program="welcome-offer-2026",
        user_id="0b54d0f4-7c27-4f39-9c7f-1f2a3b4c5d6e",
        signup_id="1c65e1a5-8d38-4a40-8d80-2a3b4c5d6e7f",
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    ).written("w" * 16)


def a_redemption(last_event: LastEvent) -> RecordedRedemption:
    row = factories.any_recorded_redemption(seed=1)
    match last_event:
        case LastEvent.RECORDED:
            return row
        case LastEvent.UPDATED:
            value = factories.any_value(seed=2)
            return row.updated(value=value, content="new", now=NOON, publish_by=NOON)
        case LastEvent.REVERSED:
            return row.reversed(now=NOON, publish_by=NOON)


def a_notice(what: NoticeKind) -> Row:
    return replace(factories.any_notice(seed=1), kind=what)


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (factories.any_ended_watch(seed=1), "WatchEnded"),
        (a_redemption(LastEvent.RECORDED), "RedemptionRecorded"),
        (a_redemption(LastEvent.UPDATED), "RedemptionUpdated"),
        (a_redemption(LastEvent.REVERSED), "RedemptionReversed"),
        (a_notice(NoticeKind.OFFER_AVAILABLE), "OfferAvailable"),
        (a_notice(NoticeKind.OFFER_ENDED), "OfferEnded"),
        (a_notice(NoticeKind.BARCODE_EXPIRING), "BarcodeExpiring"),
        (a_notice(NoticeKind.CODE_VALIDITY_CHANGED), "CodeValidityChanged"),
        (a_notice(NoticeKind.BUDGET_EXCEEDED), "PollingBudgetExceeded"),
        (a_notice(NoticeKind.FIRST_POLL_LATE), "FirstPollLate"),
        (factories.any_stock(seed=1), "OfferStockLow"),
    ],
)
def test_a_row_shows_the_stream_which_event_it_owes_until_it_is_published(
    row: Row, kind: str
) -> None:
    assert encode(row)["unpublished"] == {"S": kind}
    assert "unpublished" not in encode(row.announced(now=NOON))


@pytest.mark.parametrize(
    "row",
    [
        factories.any_watch(),
        factories.any_active_watch(),
        factories.any_pause(),
        factories.any_schedule(),
        factories.any_stock().announced(now=NOON),
    ],
)
def test_a_row_that_owes_nothing_is_not_in_the_stream(row: Row) -> None:
    assert "unpublished" not in encode(row)


def test_a_redemption_from_before_the_watch_owes_nothing() -> None:
    row = replace(factories.any_recorded_redemption(), outcomes=0, last_event=None)

    assert "unpublished" not in encode(row)


@pytest.mark.parametrize(
    "row",
    [
        factories.any_watch(),
        factories.any_active_watch(),
        factories.any_recorded_redemption(),
        replace(factories.any_notice(), signup_id="signup-7"),
    ],
)
def test_a_row_is_found_by_its_sign_up(row: Row) -> None:
    item = encode(row)

    assert item["signup"]["S"] == f"{item[TENANT]['S']}#{item[SIGN_UP]['S']}"


def test_what_concerns_an_account_belongs_to_no_sign_up() -> None:
    notice = replace(factories.any_notice(), signup_id=None)

    for row in (notice, factories.any_stock(), factories.any_pause(), factories.any_schedule()):
        assert "signup" not in encode(row)


def test_an_active_watch_lies_in_the_cohort_of_its_age() -> None:
    watch = replace(factories.any_active_watch(), cohort_at=NOON, expires_at=None)
    assert watch.age_cohort is not None

    item = encode(watch)

    shard = shard_of_watch(watch.watch_id)
    assert item["cohort"] == {"S": f"{watch.age_cohort.key}#{shard}"}
    assert item["place"] == {"S": f"{int(NOON.timestamp()) // 60:08d}{watch.watch_id[:8]}"}
    assert {"end_cohort", "end_place"}.isdisjoint(item)


def test_a_watch_whose_code_ends_lies_in_the_cohort_of_that_end_too() -> None:
    ends = NOON + 9 * DAY
    watch = replace(factories.any_active_watch(), cohort_at=NOON, expires_at=ends)
    assert watch.end_cohort is not None

    item = encode(watch)

    shard = shard_of_watch(watch.watch_id)
    assert item["end_cohort"] == {"S": f"{watch.end_cohort.key}#{shard}"}
    assert item["end_place"] == {"S": place_of(ends, watch.watch_id)}
    assert item["cohort"] != item["end_cohort"]


@pytest.mark.parametrize("watch", [factories.any_watch(), factories.any_ended_watch()])
def test_a_watch_that_is_not_to_be_polled_lies_in_no_cohort(watch: Watch) -> None:
    assert COHORT_KEYS.isdisjoint(encode(replace(watch, cohort_at=NOON, expires_at=NOON)))


@pytest.mark.parametrize("reason", list(EndReason))
def test_an_ended_watch_is_kept_longer_than_any_redemption_of_it(reason: EndReason) -> None:
    watch = factories.any_active_watch().ended(reason=reason, now=NOON, publish_by=NOON)
    latest = replace(a_redemption(LastEvent.RECORDED), seen_at=NOON, trail=())

    assert encode(watch)["ttl"] == {"N": str(int((NOON + WATCHED).timestamp()))}
    assert int(encode(watch)["ttl"]["N"]) >= int(encode(latest)["ttl"]["N"]) + 30 * 86_400


def test_a_customer_erased_later_is_remembered_as_such_from_then_on() -> None:
    ended = factories.any_ended_watch()
    erased_at = NOON + 500 * DAY

    erased = ended.erased(now=erased_at, publish_by=erased_at)

    assert encode(erased)["ttl"] == {"N": str(int((erased_at + WATCHED).timestamp()))}
    assert stored_as("user_id") not in encode(erased)


def test_a_watch_that_was_started_again_does_not_expire() -> None:
    ended = factories.any_ended_watch().announced(now=NOON)
    again = ended.restarted(by=factories.any_watch(), now=NOON)

    assert "ttl" in encode(ended)
    assert "ttl" not in encode(again)


def test_a_redemption_is_known_for_longer_than_a_watch_can_last_from_its_last_change_on() -> None:
    row = replace(a_redemption(LastEvent.RECORDED), seen_at=NOON, trail=())
    later = NOON + 300 * DAY
    changed = row.reversed(now=later, publish_by=later)

    assert REDEEMED > LONGEST_WATCH
    assert encode(row)["ttl"] == {"N": str(int((NOON + REDEEMED).timestamp()))}
    assert encode(changed)["ttl"] == {"N": str(int((later + REDEEMED).timestamp()))}
    announced = changed.announced(now=later + DAY)
    assert encode(announced)["ttl"] == {"N": str(int((later + DAY + REDEEMED).timestamp()))}


def test_a_notice_expires_ninety_days_after_it_was_noticed() -> None:
    item = encode(replace(factories.any_notice(), noticed_at=NOON))

    assert int(item["ttl"]["N"]) == (NOON + 90 * DAY).timestamp()


@pytest.mark.parametrize(
    "row",
    [
        factories.any_watch(),
        factories.any_active_watch(),
        factories.any_stock(),
        factories.any_pause(),
        factories.any_schedule(),
    ],
)
def test_what_is_still_needed_never_expires(row: Row) -> None:
    assert "ttl" not in encode(row)


def test_rows_are_kept_under_the_names_of_their_kinds() -> None:
    schedule, pause = factories.any_schedule(), factories.any_pause()

    assert encode(schedule)["pk"] == {"S": "SCHEDULE#polls"}
    assert encode(a_redemption(LastEvent.RECORDED))["pk"]["S"].startswith("REDEMPTION#")
    assert encode(pause)["pk"]["S"] == f"PAUSE#{pause.pause_id}"
    assert decode(encode(pause)) == pause


def test_a_watch_with_names_of_usual_length_costs_one_write_unit() -> None:
    starting = with_usual_names(factories.any_watch(seed=3))
    uniqodo = replace(
        with_usual_names(factories.any_active_watch(seed=3)),
        provider=Provider.UNIQODO,
        expires_at=NOON,
        uses=(KnownUse("ABCDEFGHIJKL", "MNOPQRSTUVWX"),),
        offers=(),
    )

    assert size(encode(starting)) <= KILOBYTE
    assert size(encode(uniqodo)) <= KILOBYTE
