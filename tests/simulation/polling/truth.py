"""What customers really redeemed, and what an undamaged answer shows of it at a moment."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from couponbus.domain.polling.offer import (
    Assets,
    Offer,
    OfferList,
    OfferStyle,
    RedemptionLimits,
    RedemptionMethods,
    Texts,
    Validity,
    When,
    Window,
)
from couponbus.domain.polling.redemption import (
    OfferFacts,
    Redemption,
    RedemptionList,
    StatedTime,
)
from couponbus.domain.polling.snapshot import UNLISTED_MAX
from couponbus.domain.provider import Provider
from tests.simulation.polling.story import Story, story
from tests.simulation.world import BEGIN

type Answer = RedemptionList | OfferList
type Place = tuple[Provider, str, str | None, str]

OFFER = "offer-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A redemption at Uniqodo: its value while it stands, and the time that it states.

    While it is `cut`, it is counted and not listed.
    """

    number: str
    stated: float | None
    values: Story[str | None]
    cut: Story[bool] = field(default_factory=lambda: story(False))


@dataclass(frozen=True, slots=True)
class Code:
    """What a provider says of a customer's code: its end, and how often it may be used."""

    ends: float | None
    uses_max: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How often an offer was redeemed, and whether it is in the list."""

    count: int
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An offer at Koupon."""

    offer_id: str
    starts: float | None
    ends: float | None
    limit: int | None
    standings: Story[Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All that one customer does at one provider; `left` are the codes left for all customers.

    `others` are the uses of the same code by other customers.
    """

    provider: Provider
    account: str
    promotion: str | None
    user_id: str
    uses: tuple[Use, ...] = ()
    code: Story[Code | None] = field(default_factory=lambda: story(None))
    left: Story[int | None] = field(default_factory=lambda: story(None))
    offers: tuple[Listed, ...] = ()
    others: Story[int] = field(default_factory=lambda: story(0))

    @property
    def is_provable(self) -> bool:
        """Whether the totals prove that a redemption has gone: others neither come nor are many."""
        return not self.others.changes() and self.others.at(0.0) < UNLISTED_MAX

    @property
    def place(self) -> Place:
        return self.provider, self.account, self.promotion, self.user_id

    def answer(self, when: float) -> Answer:
        """Return the answer of a provider without faults."""
        if self.provider is Provider.UNIQODO:
            return self._snapshot(when)
        shown = [one for one in self.offers if one.standings.at(when).shown]
        return OfferList(offers=tuple(_offer(one, self.left.at(when), when) for one in shown))

    def changes(self) -> list[float]:
        """Return the times from which a poll may show something else than before."""
        stories: list[Story[object]] = [self.code, self.left, self.others]
        stories += [one for use in self.uses for one in (use.values, use.cut)]
        stories += [offer.standings for offer in self.offers]
        return [at for one in stories for at in one.changes()]

    def total(self, when: float) -> int:
        """Return how often the code was used by all customers."""
        return sum(use.values.at(when) is not None for use in self.uses) + self.others.at(when)

    def _snapshot(self, when: float) -> RedemptionList:
        standing = [(use, value) for use in self.uses if (value := use.values.at(when)) is not None]
        shown = [_redemption(use, value) for use, value in standing if not use.cut.at(when)]
        total = self.total(when)
        code = self.code.at(when)
        return RedemptionList(
            redemptions=shown,
            is_complete=total == len(shown),
            total=total,
            offer=None if code is None else _facts(code, self.left.at(when)),
        )


def _redemption(use: Use, value: str) -> Redemption:
    return Redemption(
        redemption_id=use.number,
        distributor_id="7",
        merchant_id="70",
        offer_id=OFFER,
        code=f"CODE{use.number}",
        order_id=None,
        order_value=Decimal(value),
        discount_value=None,
        currency="EUR",
        redeemed_at=None if use.stated is None else _stated(use.stated),
    )


def _stated(when: float) -> StatedTime:
    """Return the time as providers state it, without fractions of a second."""
    at = BEGIN + timedelta(seconds=int(when // 1))
    return StatedTime(raw=at.isoformat(), at=at)


def _facts(code: Code, left: int | None) -> OfferFacts:
    return OfferFacts(
        offer_id=OFFER,
        status=None,
        code_type=None,
        code_remaining=left,
        redemption_per_code=code.uses_max,
        starts=None,
        ends=None,
        code_issued=None,
        code_expires=None if code.ends is None else _stated(code.ends),
    )


def _offer(listed: Listed, left: int | None, when: float) -> Offer:
    return Offer(
        offer_id=listed.offer_id,
        style=OfferStyle.COUPON,
        stock_left=left,
        validity=Validity(),
        texts=Texts(),
        assets=Assets(),
        delivery=RedemptionMethods(),
        window=Window(starts=_when(listed.starts), ends=_when(listed.ends)),
        redemptions=RedemptionLimits(limit=listed.limit, count=listed.standings.at(when).count),
    )


def _when(seconds: float | None) -> When | None:
    if seconds is None:
        return None
    at = BEGIN + timedelta(seconds=int(seconds // 1))
    return When(raw=at.isoformat(), at=at)
