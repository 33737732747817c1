"""In which zone Koupon's dates are plausible: they name none (docs/providers.md#koupon-dates)."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from couponbus.providers.koupon.dates import read_moment
from couponbus_cli.app.formatting import count
from couponbus_cli.probe.findings import Assumption, Finding
from couponbus_cli.probe.forms import listed
from couponbus_cli.probe.koupon_calls import Offers

HOME = "America/Chicago"
CANDIDATES = (
    HOME,
    "UTC",
    "America/New_York",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
)
EDGES = (time(0, 0, 0), time(23, 59, 59))
SLACK = timedelta(minutes=5)


def judge_zone(everything: Offers, *, zone: str) -> Finding:
    """Judge by two signs: listed offers have not ended, and offers begin and end at midnight.

    The first is proof. The second is only plausible: marketers, mostly in the provider's own
    zone, create offers for whole days.
    """
    assumption = Assumption(
        name="timezone",
        text=f"dates are plausible as wall time of {zone}",
        change="account: timezone",
    )
    texts = _texts(everything, "offerStart", "offerEnd")
    now = everything.reply.received_at
    ends = _texts(everything, "offerEnd")
    over = _over(ends, zone=zone, now=now)
    possible = [
        name for name in dict.fromkeys((zone, *CANDIDATES)) if not _over(ends, zone=name, now=now)
    ]
    if over:
        fits = listed(name for name in possible if name != zone)
        evidence = f"{count(over, 'listed offer')} would be over already; possible: {fits}"
        return assumption.differs(evidence)
    scores = {name: _edges(texts, zone=name, places=(HOME,)) for name in possible}
    # Midnight as it is written may be the midnight of any zone, also of the one in question.
    scores[zone] = _edges(texts, zone=zone, places=(HOME, zone))
    best = max(scores.values())
    if best == 0:
        return assumption.unproven("no offer begins or ends at a midnight")
    evidence = f"{scores[zone]} of {len(texts)} dates are at a midnight"
    if scores[zone] == best:
        return assumption.holds(evidence)
    others = listed(name for name, score in scores.items() if score == best)
    return assumption.differs(f"{evidence}, but {best} are at {HOME}'s if they are in {others}")


def _texts(offers: Offers, *names: str) -> Sequence[str]:
    values = (item.get(name) for item in offers.items or () for name in names)
    return sorted({value for value in values if isinstance(value, str)})


def _over(ends: Sequence[str], *, zone: str, now: datetime) -> int:
    moments = [read_moment(text, zone=ZoneInfo(zone)) for text in ends]
    return sum(at is not None and at < now - SLACK for at in moments)


def _edges(texts: Sequence[str], *, zone: str, places: Sequence[str]) -> int:
    moments = [read_moment(text, zone=ZoneInfo(zone)) for text in texts]
    return sum(
        any(at.astimezone(ZoneInfo(hosts)).time() in EDGES for hosts in places)
        for at in moments
        if at is not None
    )
