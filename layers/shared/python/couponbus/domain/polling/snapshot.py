"""The result of one poll of a watch, in the same form for each provider."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from couponbus.domain.identity import digest
from couponbus.domain.polling.offer import Offer, OfferList, OfferView
from couponbus.domain.polling.published_redemption import DIGEST_LENGTH, content_of
from couponbus.domain.polling.redemption import (
    OfferFacts,
    ProblemKind,
    Redemption,
    RedemptionList,
)
from couponbus.domain.web_address import web_address

UNCLEAR = "?"  # a digest that no snapshot has
TITLE_MAX = 200
UNLISTED_MAX = 20  # each change below it costs a write; a code that many use would always cost
ERRORS_MAX = 10
MARK_LENGTH = 4
NO_VIEW = OfferView()
OF_THE_ERRORS = "errors"
OF_THE_OFFER = "data.offer"  # the part of Uniqodo's answer that has no redemptions
# A field of a redemption that does not say which one it is.
_OF_A_REDEMPTION = re.compile(
    r"(data\.)?(redemption\.)?records\[[0-9]+\]\.(?!id$|distributor_id$)\w+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSnapshot:
    """An offer of one consumer, with how often it was redeemed (None: illegible)."""

    offer_id: str
    count: int | None
    limit: int | None
    starts: datetime | None
    ends: datetime | None
    is_active: bool = True
    view: OfferView = field(default=NO_VIEW, compare=False)  # published, and no change by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class StockSnapshot:
    """How many codes of an offer are left for all customers together."""

    offer_id: str
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is absent from it has gone only if it `is_complete`.

    `unlisted` uses of the code are counted and not listed, at most UNLISTED_MAX: those of other
    customers, or a part of the list is missing. It is 0 also if that is unknown.
    `uses` is what Uniqodo lists one by one, `offers` what Koupon counts. `is_doubtful`: it shows
    less than the poll before it, so that a change may be none. `code_ends` is when the customer's
    code expires, `is_used_up` that it cannot be used any more. `odd_codes` are the numbers of
    errors that are unknown here, `code_errors` those that say why a code is not valid for use;
    `may_lack_errors`: some could not be read. `has_no_code`: the provider says only that it knows
    no code of this customer. `left_out` records cannot be distinguished.
    """

    is_complete: bool
    unlisted: int = 0
    is_doubtful: bool = False
    uses: tuple[Redemption, ...] = ()
    offers: tuple[OfferSnapshot, ...] = ()
    withheld: int = 0
    offer_id: str | None = None
    code_ends: datetime | None = None
    is_used_up: bool = False
    stock: tuple[StockSnapshot, ...] = ()
    odd_codes: tuple[int, ...] = ()
    code_errors: tuple[int, ...] = ()
    may_lack_errors: bool = False
    has_no_code: bool = False
    left_out: int = 0

    @property
    def is_clear(self) -> bool:
        """Whether it is known how much is missing in it."""
        return not self.is_doubtful and (self.is_complete or self.unlisted > 0)

    @property
    def digest(self) -> str:
        """The same for snapshots of the same content; not of stock, as each customer changes it.

        What says that a code is not valid is marked behind it: it need not settle (`content_part`).
        """
        whole = digest(
            "snapshot",
            *(f"{use_id(use)} {content_of(use)}" for use in sorted(self.uses, key=use_id)),
            "offers",
            *sorted(
                f"{one.offer_id!r} {one.count} {one.limit} {_text(one.ends)}"
                + ("" if one.is_active else " inactive")
                for one in self.offers
            ),
            self.withheld,
            "code",
            str(self.offer_id),
            _text(self.code_ends),
            int(self.is_used_up),
            *(["unlisted", self.unlisted] if self.unlisted else ()),
        )
        return self.marked(whole[:DIGEST_LENGTH], tuple(map(str, self.code_errors)))

    def marked(self, content: str, code_errors: Sequence[str]) -> str:
        """Return the digest of a content that was shown together with these errors.

        That there is no code is content, and no error that may come and go.
        """
        if self.has_no_code or not code_errors:
            return content
        return f"{content}!{digest('errors', *code_errors)[:MARK_LENGTH]}"


def content_part(whole: str) -> str:
    """Return a digest without the mark of errors."""
    return whole.partition("!")[0]


def confirmed(first: Snapshot, second: Snapshot) -> Snapshot:
    """Return the second of two snapshots; if it shows less than the first, nothing has gone."""
    shown = {use_id(use) for use in second.uses}
    counts = {one.offer_id: one.count for one in second.offers}
    shows_less = any(use_id(use) not in shown for use in first.uses) or any(
        one.offer_id not in counts or _is_less(counts[one.offer_id], one.count)
        for one in first.offers
    )
    return replace(second, is_complete=False, is_doubtful=True) if shows_less else second


def _is_less(count: int | None, before: int | None) -> bool:
    """Whether it fell; one that cannot be read says nothing."""
    return count is not None and before is not None and count < before


def use_id(use: Redemption) -> str:
    """Return a short name of a redemption: distributor and id identify it for ever."""
    return digest("use", use.distributor_id or "", use.redemption_id)[:DIGEST_LENGTH]


def snapshot_of_redemptions(redemption_list: RedemptionList) -> Snapshot:
    """Return what Uniqodo shows of one user of one promotion."""
    offer = redemption_list.offer
    is_sound = all(map(_is_of_one_field, redemption_list.doubts))
    return Snapshot(
        is_complete=is_sound and redemption_list.is_complete,
        unlisted=_unlisted(redemption_list) if is_sound else 0,
        uses=tuple(redemption_list.redemptions),
        offer_id=offer.offer_id if offer else None,
        code_ends=_code_ends(offer),
        is_used_up=_is_used_up(redemption_list),
        stock=tuple(_stock_of_code(offer)),
        code_errors=_code_errors(redemption_list),
        has_no_code=_has_no_code(redemption_list),
        left_out=redemption_list.left_out,
        may_lack_errors=any(path.startswith(OF_THE_ERRORS) for path in redemption_list.doubts),
        odd_codes=tuple(
            sorted(
                {
                    problem.code
                    for problem in redemption_list.problems
                    if problem.kind is ProblemKind.OTHER and problem.code is not None
                }
            )
        ),
    )


def _unlisted(redemption_list: RedemptionList) -> int:
    surplus = (redemption_list.total or 0) - len(redemption_list.redemptions)
    return min(max(surplus, 0), UNLISTED_MAX)


def _code_errors(redemption_list: RedemptionList) -> tuple[int, ...]:
    """Return why a code is not valid; that it was redeemed is its normal end, published as such."""
    codes = {
        problem.code
        for problem in redemption_list.problems
        if problem.kind is not ProblemKind.REDEEMED and problem.code is not None
    }
    return tuple(sorted(codes))[:ERRORS_MAX]


def _has_no_code(redemption_list: RedemptionList) -> bool:
    kinds = {problem.kind for problem in redemption_list.problems}
    shows_nothing = not redemption_list.redemptions and redemption_list.offer is None
    return shows_nothing and kinds == {ProblemKind.UNRECOGNISED}


def snapshot_of_offers(listed: OfferList) -> Snapshot:
    """Return what Koupon shows of one consumer."""
    return Snapshot(
        is_complete=listed.short_by == 0,
        offers=tuple(_seen(one) for one in listed.offers),
        withheld=listed.withheld,
        stock=tuple(
            StockSnapshot(offer_id=one.offer_id, left=one.stock_left)
            for one in listed.offers
            if one.stock_left is not None
        ),
    )


def _code_ends(offer: OfferFacts | None) -> datetime | None:
    if offer is None:
        return None
    ends = [when.at for when in (offer.code_expires, offer.ends) if when and when.at]
    return min(ends, default=None)


def _is_used_up(redemption_list: RedemptionList) -> bool:
    """Return whether the only code cannot be used any more; of several codes that is unknown.

    Where all customers together used it more often than it may be used, the limit is of each.
    """
    shown, total = redemption_list.redemptions, redemption_list.total
    is_counted = redemption_list.is_complete or (total is not None and total > len(shown))
    if len({use.code for use in shown}) != 1 or not is_counted:
        return False
    most = redemption_list.offer.redemption_per_code if redemption_list.offer else None
    reached = most is not None and most > 0 and (most <= len(shown) or most == total)
    return reached or redemption_list.has(ProblemKind.REDEEMED)


def _stock_of_code(offer: OfferFacts | None) -> Iterator[StockSnapshot]:
    if offer is not None and offer.offer_id is not None and offer.code_remaining is not None:
        yield StockSnapshot(offer_id=offer.offer_id, left=offer.code_remaining)


def _seen(offer: Offer) -> OfferSnapshot:
    window = offer.window
    starts = [when.at for when in (window.starts, window.published) if when and when.at]
    return OfferSnapshot(
        offer_id=offer.offer_id,
        count=offer.redemptions.count,
        limit=offer.redemptions.limit,
        starts=max(starts, default=None),
        ends=window.ends.at if window.ends else None,
        is_active=offer.is_active is not False,
        view=OfferView(
            title=_title(offer.texts.title or offer.texts.name),
            style=offer.style.value,
            image_url=web_address(offer.assets.primary_image),
            starts_at=max(starts, default=None),
            client_id=offer.client_id,
        ),
    )


def _title(text: str | None) -> str | None:
    """Return a text on one line, cut."""
    return None if text is None else " ".join(text.split())[:TITLE_MAX] or None


def _is_of_one_field(path: str) -> bool:
    """Whether a doubt is about one field of a redemption or of the offer, not about the list."""
    if path == OF_THE_OFFER or path.startswith(f"{OF_THE_OFFER}."):
        return True
    return _OF_A_REDEMPTION.fullmatch(path) is not None


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat()
