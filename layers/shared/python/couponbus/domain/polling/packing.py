"""Putting spans into messages, each so large that it can be looked at in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from couponbus.domain.polling.cohort import LAST, LETTERS, MINUTE_DIGITS, Span
from couponbus.domain.polling.plan import DueSpan


def packed(
    spans: Sequence[DueSpan], *, watches_max: float, spans_max: int
) -> Iterator[Sequence[Span]]:
    """Yield the spans in parcels of at most about so many watches, and so many spans."""
    parcel: list[Span] = []
    watches = 0.0
    for one in (part for whole in spans for part in _divided(whole, most=watches_max)):
        if parcel and (len(parcel) == spans_max or watches + one.watches > watches_max):
            yield parcel
            parcel, watches = [], 0.0
        parcel.append(one.span)
        watches += one.watches
    if parcel:
        yield parcel


def _divided(one: DueSpan, *, most: float) -> Iterator[DueSpan]:
    """Yield a span in pieces: by minutes, and a minute by the ids of its watches."""
    if one.watches <= most:
        yield one
        return
    first, last = _minutes(one.span)
    if first == last:
        yield from _by_ids(one, most=most)
        return
    middle = (first + last) // 2
    share = (middle - first + 1) / (last - first + 1)
    lower = replace(one.span, last=f"{middle:0{MINUTE_DIGITS}d}{LAST}")
    upper = replace(one.span, first=f"{middle + 1:0{MINUTE_DIGITS}d}")
    yield from _divided(DueSpan(span=lower, watches=one.watches * share), most=most)
    yield from _divided(DueSpan(span=upper, watches=one.watches * (1 - share)), most=most)


def _by_ids(one: DueSpan, *, most: float) -> Iterator[DueSpan]:
    """Divide by the next letter behind what the places of the span have in common."""
    common = one.span.first
    if one.span.last != common + LAST:
        yield one  # a part already, as small as it gets
        return
    for letter in LETTERS:
        part = replace(one.span, first=common + letter, last=common + letter + LAST)
        yield from _divided_again(DueSpan(span=part, watches=one.watches / len(LETTERS)), most)


def _divided_again(one: DueSpan, most: float) -> Iterator[DueSpan]:
    if one.watches <= most or len(one.span.first) >= MINUTE_DIGITS + 2:
        yield one
        return
    yield from _by_ids(one, most=most)


def _minutes(span: Span) -> tuple[int, int]:
    return int(span.first[:MINUTE_DIGITS]), int(span.last[:MINUTE_DIGITS])
