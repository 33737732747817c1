"""Accounts, endpoints and alarms as lines: a name, its state in a word, and numbers."""

from collections.abc import Iterator
from itertools import count

from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus_cli.app.formatting import when
from couponbus_cli.endpoints.rows import failing, state_of
from couponbus_cli.page.measures import Measures
from couponbus_cli.page.screen import Line, Measure, Tone
from couponbus_cli.status.account_figures import AccountFigures
from couponbus_cli.status.figures import Facts, Unread

WELL = "takes calls"
NO_LIMIT = "no daily limit"


def account_lines(facts: Facts, measures: Measures) -> Iterator[Line]:
    """Yield a line for each account: breaker, pace, and what is left of today's calls."""
    if isinstance(facts.accounts, Unread):
        return
    issuing, polled = count(), count()  # the places in the command's two lists
    for one in facts.accounts:
        path = f"polling.accounts.{next(polled)}" if one.polled else f"issuing.{next(issuing)}"
        yield Line(
            name=one.title,
            word=", ".join(one.states) or WELL,
            tone=Tone.ALERT if one.states else Tone.WELL,
            more=_pace_of(one),
            measures=[*_calls_of(one, path, measures)],
        )


def endpoint_lines(facts: Facts) -> Iterator[Line]:
    """Yield a line for each endpoint that does not get its webhooks."""
    if isinstance(facts.endpoints, Unread):
        return
    for one in facts.endpoints.readable:
        if one.state is not EndpointState.ACTIVE or one.failing_since is not None:
            yield _endpoint(one, facts)


def alarm_lines(facts: Facts) -> Iterator[Line]:
    """Yield a line for each alarm that rings."""
    if isinstance(facts.alarms, Unread):
        return
    for one in facts.alarms.ringing:
        more = f"since {when(one.since, facts.at)}"
        yield Line(name=one.name, word="rings", tone=Tone.ALERT, more=more)


def _calls_of(one: AccountFigures, path: str, measures: Measures) -> Iterator[Measure]:
    yield measures.of("calls today", f"{path}.calls_today")
    if one.calls_left is not None:
        yield measures.of("left", f"{path}.calls_left")


def _pace_of(one: AccountFigures) -> str:
    if one.polled is None:
        return ""
    throttled = f", throttled by level {one.polled.level}" if one.polled.level else ""
    limit = "" if one.calls_per_day else f", {NO_LIMIT}"
    return f"{one.polled.calls_per_second:g} calls a second{throttled}{limit}"


def _endpoint(one: Endpoint, facts: Facts) -> Line:
    if one.state is EndpointState.ACTIVE:
        more = failing(one, facts.at)
        return Line(name=one.endpoint_id, word="fails", tone=Tone.ALERT, more=more)
    is_paused = one.state is EndpointState.PAUSED
    tone = Tone.DOUBT if is_paused else Tone.ALERT
    return Line(name=one.endpoint_id, word=one.state.lower(), tone=tone, more=state_of(one))
