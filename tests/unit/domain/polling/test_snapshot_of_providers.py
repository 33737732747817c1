"""What the answer of each provider becomes as a snapshot."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from couponbus.domain.polling.offer import (
    Assets,
    Offer,
    OfferList,
    OfferStyle,
    OfferView,
    RedemptionLimits,
    RedemptionMethods,
    Texts,
    Validity,
    When,
    Window,
)
from couponbus.domain.polling.redemption import (
    CodeProblem,
    OfferFacts,
    ProblemKind,
    Redemption,
    RedemptionList,
    StatedTime,
)
from couponbus.domain.polling.snapshot import (
    UNLISTED_MAX,
    StockSnapshot,
    content_part,
    snapshot_of_offers,
    snapshot_of_redemptions,
)
from couponbus.providers.uniqodo.fields import MORE
from tests.fakes.clock import NOON
from tests.unit.domain.polling.snapshots import a_use, an_offer

LATER = NOON + timedelta(days=20)
FACTS = OfferFacts(
    offer_id="4883",
    status="active",
    code_type="unique",
    code_remaining=1_000,
    redemption_per_code=1,
    starts=None,
    ends=StatedTime(raw="17-05-2019 23:59:59", at=LATER),
    code_issued=None,
    code_expires=None,
)


def a_snapshot(
    *shown: Redemption,
    is_complete: bool = True,
    offer: OfferFacts | None = FACTS,
    problems: tuple[CodeProblem, ...] = (),
    doubts: tuple[str, ...] = (),
    total: int | None = None,
) -> RedemptionList:
    return RedemptionList(
        redemptions=shown,
        is_complete=is_complete,
        total=total,
        offer=offer,
        problems=problems,
        doubts=doubts,
    )


def test_a_snapshot_shows_its_records_its_code_and_its_stock() -> None:
    snapshot = snapshot_of_redemptions(a_snapshot(a_use(1), is_complete=False))

    assert snapshot.uses == (a_use(1),)
    assert not snapshot.is_complete
    assert (snapshot.offer_id, snapshot.code_ends) == ("4883", LATER)
    assert snapshot.stock == (StockSnapshot(offer_id="4883", left=1_000),)


@pytest.mark.parametrize(
    ("doubts", "is_complete"),
    [
        ((), True),
        (("data.redemption.records[0].order_value", "data.records[12].tags"), True),
        (("records[1].currency",), True),
        (("data.redemption.records[0].order_value", "errors"), False),
        (("data.redemption.records[0].id",), False),
        (("data.redemption.records[0].distributor_id",), False),
        (("data.redemption.records",), False),
        (("data.redemption.total", "data.offer.id"), False),
        (("errors",), False),
        ((MORE,), False),
        (("data.offer.code_expiry", "data.offer.id"), True),
        (("data.offer",), True),
        (("data.offers",), False),
    ],
)
def test_a_doubt_about_one_field_leaves_the_list_complete(
    doubts: tuple[str, ...], is_complete: bool
) -> None:
    snapshot = snapshot_of_redemptions(a_snapshot(doubts=doubts))

    assert (snapshot.is_complete, snapshot.is_doubtful) == (is_complete, False)


@pytest.mark.parametrize(
    ("total", "doubts", "unlisted"),
    [
        (None, (), 0),
        (0, (), 0),
        (1, (), 0),
        (3, (), 2),
        (3, ("errors",), 0),
        (3, ("records[0].currency",), 2),
        (1 + UNLISTED_MAX, (), UNLISTED_MAX),
        (10**6, (), UNLISTED_MAX),
    ],
)
def test_what_the_total_counts_beyond_the_records_is_unlisted(
    total: int | None, doubts: tuple[str, ...], unlisted: int
) -> None:
    listed = a_snapshot(a_use(1), is_complete=False, total=total, doubts=doubts)

    snapshot = snapshot_of_redemptions(listed)

    assert (snapshot.unlisted, snapshot.is_clear) == (unlisted, unlisted > 0)


@pytest.mark.parametrize(
    ("expires", "ends", "wanted"),
    [
        (None, None, None),
        (None, LATER, LATER),
        (NOON, LATER, NOON),
        (LATER, NOON, NOON),
        (LATER, None, LATER),
    ],
)
def test_a_code_ends_with_its_offer_at_the_latest(
    expires: datetime | None, ends: datetime | None, wanted: datetime | None
) -> None:
    facts = replace(
        FACTS,
        code_expires=StatedTime(raw="", at=expires),
        ends=None if ends is None else StatedTime(raw="x", at=ends),
    )

    assert snapshot_of_redemptions(a_snapshot(offer=facts)).code_ends == wanted


REDEEMED = CodeProblem(kind=ProblemKind.REDEEMED, code=201)
THRICE = replace(FACTS, redemption_per_code=3)
RULE = CodeProblem(kind=ProblemKind.RULE, code=209)
TWICE = (a_use(1, code="SAMECODE"), a_use(2, code="SAMECODE"))


@pytest.mark.parametrize(
    ("redemption_list", "is_used_up"),
    [
        (a_snapshot(), False),
        (a_snapshot(problems=(REDEEMED,)), False),
        (a_snapshot(a_use(1)), True),
        (a_snapshot(a_use(1), offer=None, problems=(REDEEMED,)), True),
        (a_snapshot(a_use(1), offer=None, problems=(RULE,)), False),
        (a_snapshot(a_use(1), offer=None), False),
        (a_snapshot(a_use(1), is_complete=False), False),
        (a_snapshot(a_use(1), offer=replace(FACTS, redemption_per_code=2)), False),
        (a_snapshot(*TWICE, offer=replace(FACTS, redemption_per_code=2)), True),
        (a_snapshot(a_use(1), offer=replace(FACTS, redemption_per_code=0)), False),
        (a_snapshot(a_use(1), offer=replace(FACTS, redemption_per_code=None)), False),
        (a_snapshot(a_use(1), is_complete=False, total=500), True),
        (a_snapshot(a_use(1), is_complete=False, total=1), False),
        (a_snapshot(is_complete=False, total=500), False),
        (a_snapshot(a_use(1), is_complete=False, total=500, offer=THRICE), False),
        (a_snapshot(a_use(1), is_complete=False, total=2, offer=THRICE), False),
        (a_snapshot(a_use(1), is_complete=False, total=3, offer=THRICE), True),
        (a_snapshot(a_use(1), is_complete=False, total=2, offer=None, problems=(REDEEMED,)), True),
        (a_snapshot(a_use(1), a_use(2), is_complete=False, total=3, offer=THRICE), False),
        (a_snapshot(a_use(1), a_use(2)), False),
        (a_snapshot(a_use(1), a_use(2), problems=(REDEEMED,)), False),
    ],
)
def test_one_code_is_used_up_when_it_says_so_or_was_used_as_often_as_it_may_be(
    redemption_list: RedemptionList, is_used_up: bool
) -> None:
    assert snapshot_of_redemptions(redemption_list).is_used_up == is_used_up


def test_unexplained_numbers_are_published_once_each() -> None:
    odd = [CodeProblem(kind=ProblemKind.OTHER, code=code) for code in (555, 444, 555, None)]

    assert snapshot_of_redemptions(a_snapshot(problems=(*odd, REDEEMED))).odd_codes == (444, 555)


def test_why_a_code_is_not_valid_is_kept_but_not_that_it_was_redeemed() -> None:
    plain, ruled = a_snapshot(problems=(REDEEMED,)), a_snapshot(problems=(RULE, REDEEMED, RULE))

    assert snapshot_of_redemptions(plain).code_errors == ()
    assert snapshot_of_redemptions(ruled).code_errors == (209,)
    digests = [snapshot_of_redemptions(one).digest for one in (plain, ruled)]
    assert digests[0] != digests[1]
    # An error that comes and goes must not delay an end.
    assert content_part(digests[0]) == content_part(digests[1])


def test_a_customer_has_no_code_where_that_is_all_that_is_said() -> None:
    unknown = CodeProblem(kind=ProblemKind.UNRECOGNISED, code=204)
    assert snapshot_of_redemptions(a_snapshot(offer=None, problems=(unknown,))).has_no_code
    assert not snapshot_of_redemptions(a_snapshot(problems=(unknown,))).has_no_code


@pytest.mark.parametrize(
    ("doubt", "may_lack"),
    [("errors", True), ("errors[0]", True), ("errors[1].code", True), ("data.offer", False)],
)
def test_errors_that_cannot_be_read_may_be_others(doubt: str, may_lack: bool) -> None:
    snapshot = snapshot_of_redemptions(a_snapshot(doubts=(doubt,)))

    assert snapshot.may_lack_errors is may_lack


def a_koupon_offer(**fields: object) -> Offer:
    known: dict[str, object] = {
        "offer_id": "1281",
        "style": OfferStyle.COUPON,
        "window": Window(),
        "redemptions": RedemptionLimits(limit=3, count=1),
        "validity": Validity(),
        "texts": Texts(),
        "assets": Assets(),
        "delivery": RedemptionMethods(),
    }
    return Offer(**{**known, **fields})  # type: ignore[arg-type]


def test_a_list_shows_counts_limits_and_times() -> None:
    window = Window(
        starts=When(raw="a", at=NOON),
        published=When(raw="b", at=NOON + timedelta(days=1)),
        ends=When(raw="c", at=LATER),
    )
    listed = OfferList(offers=(a_koupon_offer(window=window, stock_left=7),), withheld=2)

    snapshot = snapshot_of_offers(listed)

    since = NOON + timedelta(days=1)
    assert snapshot.offers == (an_offer("1281", 1, limit=3, starts=since, ends=LATER),)
    assert snapshot.stock == (StockSnapshot(offer_id="1281", left=7),)
    assert (snapshot.withheld, snapshot.is_complete, snapshot.is_doubtful) == (2, True, False)


def test_an_offer_comes_with_what_a_customer_is_shown_of_it() -> None:
    listed = OfferList(
        offers=(
            a_koupon_offer(
                texts=Texts(title=" Two\nfor one " + "x" * 300),
                assets=Assets(primary_image="http://images.example/1.png"),
                window=Window(starts=When(raw="a", at=NOON)),
                client_id=42,
                is_active=False,
            ),
            a_koupon_offer(assets=Assets(primary_image="javascript:alert(1)")),
        )
    )

    shown, bare = snapshot_of_offers(listed).offers

    assert shown.view == OfferView(
        title=("Two for one " + "x" * 300)[:200],
        style="coupon",
        image_url="http://images.example/1.png",
        starts_at=NOON,
        client_id=42,
    )
    assert (shown.is_active, bare.is_active) == (False, True)
    assert bare.view == OfferView(style="coupon")


def test_what_a_list_says_illegibly_is_unknown() -> None:
    window = Window(starts=When(raw="?", at=None), ends=When(raw="?", at=None))
    blurred = a_koupon_offer(
        window=window, redemptions=RedemptionLimits(), unreadable=("redemptionCount", "offerEnd")
    )

    snapshot = snapshot_of_offers(OfferList(offers=(blurred,), short_by=1))

    assert snapshot.offers == (an_offer("1281", None),)
    assert not snapshot.is_doubtful
    assert not snapshot.is_complete
    assert snapshot.stock == ()


@pytest.mark.parametrize("name", ["redemptionCount", "redemptionLimit", "offerEnd", "UPC"])
def test_an_illegible_field_of_an_offer_leaves_the_list_complete(name: str) -> None:
    listed = OfferList(offers=(a_koupon_offer(unreadable=(name,)),))

    snapshot = snapshot_of_offers(listed)

    assert (snapshot.is_complete, snapshot.is_doubtful) == (True, False)
