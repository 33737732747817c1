"""What a screen of the page shows, as plain values that a template can draw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from couponbus_cli.page.sparkline import Sparkline

COLUMNS = 4  # of a table of numbers; a phone has no room for more


class Tone(StrEnum):
    """Of a word, beside which it never stands alone: a class of the stylesheet."""

    WELL = "well"
    ALERT = "alert"
    DOUBT = "doubt"
    PLAIN = "plain"


MARKS: Mapping[Tone, str] = {Tone.WELL: "✓", Tone.ALERT: "!", Tone.DOUBT: "?", Tone.PLAIN: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Is all well? A word, and what it stands on."""

    tone: Tone
    word: str
    because: Sequence[str] = ()

    @property
    def mark(self) -> str:
        """A sign with the colour."""
        return MARKS[self.tone]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What needs a person, and the commands to copy."""

    text: str
    commands: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number of `couponbus status --json`: `fact` is where it stands there.

    `shown` is the number in words. `history` are points of five minutes.
    """

    label: str
    fact: str
    number: float | None
    shown: str
    hint: str = ""
    tone: Tone = Tone.PLAIN
    history: Sparkline | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An account, an endpoint, a queue or an alarm: its name, its state in a word, and more."""

    name: str
    word: str
    tone: Tone
    more: str = ""
    measures: Sequence[Measure] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One subject, of these parts of the facts; `none` is said where it has nothing else.

    `stale` are sentences about those that cannot be read now.
    """

    name: str
    title: str
    parts: Sequence[str]
    measures: Sequence[Measure] = ()
    lines: Sequence[Line] = ()
    none: str = ""
    stale: Sequence[str] = ()

    @property
    def histories(self) -> Mapping[str, Sparkline]:
        """The points by the label of their measure."""
        return {each.label: each.history for each in self.measures if each.history is not None}

    @property
    def flat(self) -> Sequence[str]:
        """The labels that a table leaves out where there are many: all of their points are 0."""
        if len(self.histories) <= COLUMNS:
            return []
        return [label for label, history in self.histories.items() if history.is_flat]

    @property
    def columns(self) -> Mapping[str, Sparkline]:
        """Those of a table."""
        return {label: each for label, each in self.histories.items() if label not in self.flat}

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the points of all columns, the newest first, for a table beside them."""
        drawn = [*self.columns.values()]
        for place in reversed(range(len(drawn[0].points) if drawn else 0)):
            yield drawn[0].moment(place), [f"{each.points[place]:,.0f}" for each in drawn]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """The first screen; `tiles` is empty where nothing was ever read. `steps` are
    what to do first.
    """

    stage: str
    verdict: Verdict
    needs: Sequence[Need] = ()
    tiles: Sequence[Tile] = ()
    steps: Sequence[Need] = ()
    read_at: datetime | None = None
    age: timedelta | None = None
