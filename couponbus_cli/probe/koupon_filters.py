"""Which parameters Koupon honours (docs/providers.md#koupon-requests)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from couponbus.providers.koupon.dates import DateStyle, read_moment, written
from couponbus_cli.probe.findings import Assumption, Finding
from couponbus_cli.probe.koupon_questions import UNKNOWN_OFFER, KouponQuestions, Offers

CLEARLY = timedelta(days=1)
LONG_AGO = date(2001, 12, 31)
NOWHERE = "couponbus-probe"
LIST = Assumption(
    name="offer_list",
    text="a list of ids limits the answer to them; unknown ones are left out",
    change="account: ids_per_call = 1; simulator: unknown_ids = not_found",
)
NONE_LEFT = Assumption(
    name="nothing_left",
    text="a list of unknown ids only is 404",
    change="nothing: an empty list is read alike; simulator: nothing_left = empty",
)
PUBLISHED = Assumption(
    name="publishedonly",
    text="publishedonly=yes returns the offers that have been published, as one would expect",
    change="do not ask with publishedonly; simulator: publishedonly = literal",
)
TO_DATE = Assumption(
    name="todt",
    text="todt is honoured and takes MM-DD-YY",
    change="account: date_style (KOUPON_DATE_PARAM_FORMAT)",
)
CHANNEL = Assumption(
    name="channel",
    text="channel is honoured",
    change="do not rely on it: filter the answer",
)
GEO = Assumption(
    name="geo_gating",
    text="geo_gating=1 returns geogated offers only",
    change="do not rely on it: filter the answer",
)


def judge_list(ask: KouponQuestions, everything: Offers, *, offer_id: str | None) -> Finding:
    """Request an offer that exists together with one that does not."""
    known = offer_id or next(iter(sorted(everything.ids or ())), None)
    if known is None:
        return LIST.not_told("no offer was seen: give --offer")
    asked = ask.offers(known, UNKNOWN_OFFER)
    if asked.ids is None:
        return (LIST.differs if asked.reply.is_refusal else LIST.not_told)(asked.said)
    if not asked.ids:
        text = f"{asked.said}: one unknown id hides the others"
        return LIST.differs(text) if known in (everything.ids or ()) else LIST.not_told(asked.said)
    if asked.ids <= {known}:
        return LIST.holds(f"1 of {len(everything.ids or ())} offers for its id and an unknown one")
    return LIST.differs(f"ignored: {asked.said}", change="ask Koupon: the list is not honoured")


def judge_none_left(ask: KouponQuestions) -> Finding:
    """Request an offer that does not exist."""
    asked = ask.offers(UNKNOWN_OFFER)
    if asked.ids is None:
        return (NONE_LEFT.differs if asked.reply.is_refusal else NONE_LEFT.not_told)(asked.said)
    if asked.ids:
        return NONE_LEFT.differs(f"ignored: {asked.said}", change=LIST.change)
    is_missing = asked.reply.status == 404  # noqa: PLR2004 - Not Found
    return (NONE_LEFT.holds if is_missing else NONE_LEFT.differs)(asked.said)


def judge_published(ask: KouponQuestions, everything: Offers, *, zone: ZoneInfo) -> Finding:
    """Request published offers, and compare with their dates of publication."""
    asked = ask.offers(query=[("publishedonly", ("yes",))])
    if asked.ids is None:
        return (PUBLISHED.differs if asked.reply.is_refusal else PUBLISHED.not_told)(asked.said)
    now = asked.reply.heard_at
    published = _published(everything, zone=zone)
    past = {key for key, at in published.items() if at < now - CLEARLY}
    future = {key for key, at in published.items() if at > now + CLEARLY}
    said = (
        f"{len(asked.ids & past)} of {len(past)} published ones and"
        f" {len(asked.ids & future)} of {len(future)} future ones let through"
    )
    if not past and not future:
        return PUBLISHED.not_told("no offer says when it is published")
    if past <= asked.ids and not asked.ids & future:
        return PUBLISHED.holds(said)
    return PUBLISHED.differs(said)


def judge_to_date(ask: KouponQuestions, everything: Offers) -> Finding:
    """Request offers that were active long before any existed."""
    day = written(LONG_AGO, style=DateStyle.MONTH_DAY_YEAR)
    return _leaves_none(TO_DATE, ask.offers(query=[("todt", (day,))]), everything)


def judge_channel(ask: KouponQuestions, everything: Offers) -> Finding:
    """Request a channel that does not exist."""
    return _leaves_none(CHANNEL, ask.offers(query=[("channel", (NOWHERE,))]), everything)


def judge_geo(ask: KouponQuestions, everything: Offers) -> Finding:
    """Request geogated offers."""
    asked = ask.offers(query=[("geo_gating", ("1",))])
    if asked.items is None:
        return (GEO.differs if asked.reply.is_refusal else GEO.not_told)(asked.said)
    others = sum(item.get("geogating") is False for item in asked.items)
    said = f"{len(asked.items)} of {len(everything.items or ())} offers, {others} not geogated"
    if others:
        return GEO.differs(f"ignored: {said}")
    narrowed = any(item.get("geogating") is False for item in everything.items or ())
    return (GEO.holds if narrowed else GEO.not_told)(said)


def _leaves_none(assumption: Assumption, asked: Offers, everything: Offers) -> Finding:
    if asked.items is None:
        return (assumption.differs if asked.reply.is_refusal else assumption.not_told)(asked.said)
    if asked.items:
        return assumption.differs(f"ignored: {asked.said}, though none can fit")
    if not everything.items:
        return assumption.not_told("there is nothing to leave out")
    return assumption.holds(f"{asked.said} instead of {everything.said}")


def _published(offers: Offers, *, zone: ZoneInfo) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for item in offers.items or ():
        text = item.get("offerPublished")
        at = read_moment(text, zone=zone) if isinstance(text, str) else None
        if at is not None:
            found[str(item.get("offerId"))] = at
    return found
