"""Incomplete answers, of the kinds that both providers are known to give."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from couponbus.domain.polling.offer import Offer, OfferList
from couponbus.domain.polling.redemption import (
    CodeProblem,
    ProblemKind,
    Redemption,
    RedemptionList,
)
from tests.simulation.polling.kinds import (
    COUNTS_LESS,
    DOUBTFUL,
    GLITCHES,
    INCOMPLETE,
    LACKS_ALL,
    LACKS_LAST,
    ODD,
)
from tests.simulation.polling.truth import Answer

ODD_CODE = 987


def damaged(answer: Answer, kind: str, chance: Random) -> Answer:
    """Return an answer with something removed; the same one if there is nothing to remove."""
    if isinstance(answer, RedemptionList):
        return _snapshot(answer, kind, chance)
    return _listed(answer, kind, chance)


def _snapshot(answer: RedemptionList, kind: str, chance: Random) -> Answer:
    shown = list(answer.redemptions)
    if kind == INCOMPLETE:
        kept = [one for one in shown if chance.random() < 0.5]
        return replace(answer, redemptions=kept, is_complete=False)
    if kind == ODD:
        odd = CodeProblem(kind=ProblemKind.OTHER, code=ODD_CODE)
        return replace(answer, problems=(odd,))
    if kind in GLITCHES and shown:
        left = _without(shown, kind, chance)
        gone = len(shown) - len(left)
        return replace(answer, redemptions=left, total=(answer.total or 0) - gone)
    if kind == DOUBTFUL and shown:
        place = chance.randrange(len(shown))
        shown[place] = _illegible(shown[place], chance)
        doubts = [f"records[{place}].{name}" for name in shown[place].doubtful]
        return replace(answer, redemptions=shown, doubts=doubts)
    return answer


def _illegible(shown: Redemption, chance: Random) -> Redemption:
    if chance.random() < 0.5:
        return replace(shown, order_value=None, doubtful=frozenset({"order_value"}))
    return replace(shown, redeemed_at=None, doubtful=frozenset({"redeemed_at"}))


def _listed(answer: OfferList, kind: str, chance: Random) -> Answer:
    offers = list(answer.offers)
    if kind == INCOMPLETE:
        kept = tuple(one for one in offers if chance.random() < 0.5)
        return replace(answer, offers=kept, short_by=max(len(offers) - len(kept), 1))
    if kind in GLITCHES and offers:
        return replace(answer, offers=_lacking(offers, kind, chance))
    if kind == DOUBTFUL and offers:
        place = chance.randrange(len(offers))
        count = replace(offers[place].redemptions, count=None)
        blurred = replace(offers[place], redemptions=count, unreadable=("redemptions.count",))
        return replace(answer, offers=(*offers[:place], blurred, *offers[place + 1 :]))
    return answer


def _lacking(offers: Sequence[Offer], kind: str, chance: Random) -> tuple[Offer, ...]:
    """Leave out offers, or one redemption of an offer."""
    counted = [one for one in offers if one.redemptions.count]
    if kind not in (COUNTS_LESS, LACKS_LAST) or not counted:
        return _without(offers, kind, chance)
    short = chance.choice(counted)
    count = replace(short.redemptions, count=(short.redemptions.count or 1) - 1)
    return tuple(replace(one, redemptions=count) if one is short else one for one in offers)


def _without[T](things: Sequence[T], kind: str, chance: Random) -> tuple[T, ...]:
    if kind == LACKS_ALL:
        return ()
    gone = len(things) - 1 if kind == LACKS_LAST else chance.randrange(len(things))
    return (*things[:gone], *things[gone + 1 :])
