"""A row as a story: what happened and when, what is known, what comes next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from couponbus.domain.row import Row, Step
from couponbus_cli.app.formatting import moment

type Sentence = Callable[[Step], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A row for an operator to read; `known` are sentences without a time."""

    key: str
    title: str
    state: str
    timeline: Sequence[Event]
    known: Sequence[str] = field(default=())
    next: str
    trace_id: str | None = None

    def lines(self) -> list[str]:
        """Return it as lines of text."""
        happened = [f"  {moment(event.at)}  {event.text}" for event in self.timeline]
        known = [f"  {sentence}" for sentence in self.known]
        known += [f"  Trace {self.trace_id}"] if self.trace_id else []
        return [self.title, *happened, *known, f"  Next: {self.next}", ""]

    def data(self) -> dict[str, object]:
        """Return it with stable keys."""
        timeline = [{"at": event.at.isoformat(), "text": event.text} for event in self.timeline]
        return {
            "key": self.key,
            "title": self.title,
            "state": self.state,
            "timeline": timeline,
            "known": [*self.known],
            "next": self.next,
            "trace_id": self.trace_id,
        }


def steps_of(row: Row, sentence_of: Sentence, *, event: str | None) -> list[Event]:
    """Return the trail as text, with the moment when `event` was published."""
    steps = [Event(at=step.at, text=sentence_of(step)) for step in row.trail]
    if row.published_at is None:
        return steps
    name = None if row.unpublished else event
    text = f"{name} was published on the bus." if name else "An outcome was published on the bus."
    return placed(Event(at=row.published_at, text=text), steps)


def placed(event: Event, steps: Sequence[Event]) -> list[Event]:
    """Return the steps with this one behind the last that is not later.

    The trail keeps its order, also if the clocks of several workers disagree.
    """
    place = max((place for place, step in enumerate(steps, 1) if step.at <= event.at), default=0)
    return [*steps[:place], event, *steps[place:]]


def as_it_is(step: Step) -> str:
    """Return a step for which this version has no sentence."""
    return f"{step.what}: {step.detail}".removesuffix(": ")
