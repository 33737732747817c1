"""Which parameters Koupon honours (docs/providers.md#koupon-requests)."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from couponbus.providers.koupon.dates import DateStyle, read_moment, written
from couponbus_cli.probe.findings import Assumption, Finding
from couponbus_cli.probe.koupon_calls import UNKNOWN_OFFER, KouponCalls, Offers

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
    change="do not send publishedonly; simulator: publishedonly = literal",
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


def judge_list(calls: KouponCalls, everything: Offers, *, offer_id: str | None) -> Finding:
    """Request an offer that exists together with one that does not."""
    known = offer_id or next(iter(sorted(everything.ids or ())), None)
    if known is None:
        return LIST.unproven("no offer was seen: give --offer")
    answer = calls.offers(known, UNKNOWN_OFFER)
    if answer.ids is None:
        return (LIST.differs if answer.reply.is_refusal else LIST.unproven)(answer.summary)
    if not answer.ids:
        text = f"{answer.summary}: one unknown id hides the others"
        return (
            LIST.differs(text) if known in (everything.ids or ()) else LIST.unproven(answer.summary)
        )
    if answer.ids <= {known}:
        return LIST.holds(f"1 of {len(everything.ids or ())} offers for its id and an unknown one")
    return LIST.differs(f"ignored: {answer.summary}", change="ask Koupon: the list is not honoured")


def judge_none_left(calls: KouponCalls) -> Finding:
    """Request an offer that does not exist."""
    answer = calls.offers(UNKNOWN_OFFER)
    if answer.ids is None:
        return (NONE_LEFT.differs if answer.reply.is_refusal else NONE_LEFT.unproven)(
            answer.summary
        )
    if answer.ids:
        return NONE_LEFT.differs(f"ignored: {answer.summary}", change=LIST.change)
    is_missing = answer.reply.status == 404  # noqa: PLR2004 - Not Found
    return (NONE_LEFT.holds if is_missing else NONE_LEFT.differs)(answer.summary)


def judge_published(calls: KouponCalls, everything: Offers, *, zone: ZoneInfo) -> Finding:
    """Request published offers, and compare with their dates of publication."""
    answer = calls.offers(query=[("publishedonly", ("yes",))])
    if answer.ids is None:
        return (PUBLISHED.differs if answer.reply.is_refusal else PUBLISHED.unproven)(
            answer.summary
        )
    now = answer.reply.received_at
    published = _published(everything, zone=zone)
    past = {key for key, at in published.items() if at < now - CLEARLY}
    future = {key for key, at in published.items() if at > now + CLEARLY}
    evidence = (
        f"{len(answer.ids & past)} of {len(past)} published ones and"
        f" {len(answer.ids & future)} of {len(future)} future ones let through"
    )
    if not past and not future:
        return PUBLISHED.unproven("no offer says when it is published")
    if past <= answer.ids and not answer.ids & future:
        return PUBLISHED.holds(evidence)
    return PUBLISHED.differs(evidence)


def judge_to_date(calls: KouponCalls, everything: Offers) -> Finding:
    """Request offers that were active long before any existed."""
    day = written(LONG_AGO, style=DateStyle.MONTH_DAY_YEAR)
    return _leaves_none(TO_DATE, calls.offers(query=[("todt", (day,))]), everything)


def judge_channel(calls: KouponCalls, everything: Offers) -> Finding:
    """Request a channel that does not exist."""
    return _leaves_none(CHANNEL, calls.offers(query=[("channel", (NOWHERE,))]), everything)


def judge_geo(calls: KouponCalls, everything: Offers) -> Finding:
    """Request geogated offers."""
    answer = calls.offers(query=[("geo_gating", ("1",))])
    if answer.items is None:
        return (GEO.differs if answer.reply.is_refusal else GEO.unproven)(answer.summary)
    others = sum(item.get("geogating") is False for item in answer.items)
    evidence = f"{len(answer.items)} of {len(everything.items or ())} offers, {others} not geogated"
    if others:
        return GEO.differs(f"ignored: {evidence}")
    narrowed = any(item.get("geogating") is False for item in everything.items or ())
    return (GEO.holds if narrowed else GEO.unproven)(evidence)


def _leaves_none(assumption: Assumption, answer: Offers, everything: Offers) -> Finding:
    if answer.items is None:
        return (assumption.differs if answer.reply.is_refusal else assumption.unproven)(
            answer.summary
        )
    if answer.items:
        return assumption.differs(f"ignored: {answer.summary}, though none can fit")
    if not everything.items:
        return assumption.unproven("there is nothing to leave out")
    return assumption.holds(f"{answer.summary} instead of {everything.summary}")


def _published(offers: Offers, *, zone: ZoneInfo) -> Mapping[str, datetime]:
    found: dict[str, datetime] = {}
    for item in offers.items or ():
        text = item.get("offerPublished")
        at = read_moment(text, zone=zone) if isinstance(text, str) else None
        if at is not None:
            found[str(item.get("offerId"))] = at
    return found
