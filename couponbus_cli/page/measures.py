"""Numbers of `couponbus status --json`, found there by their path: so both are equal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from couponbus_cli.app.formatting import duration
from couponbus_cli.page.screen import Measure, Tone
from couponbus_cli.page.sparkline import Sparkline
from couponbus_cli.status.figures import Facts, Unread
from couponbus_cli.status.measured import Series

NOT_READ = "not read"
HOUR = "in the last hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Finds numbers in the data of the command."""

    facts: Facts
    data: Mapping[str, object]

    def of(
        self,
        label: str,
        fact: str,
        *,
        hint: str = "",
        bad_from: float | None = None,
        level: str | None = None,
    ) -> Measure:
        """Return a number; from `bad_from` on it needs a person. `level` names its points."""
        number = number_at(self.data, fact)
        is_bad = bad_from is not None and number is not None and number >= bad_from
        return Measure(
            label=label,
            fact=fact,
            number=number,
            shown=_shown(number, in_seconds="_seconds" in fact),
            hint="" if number is None else hint,
            tone=Tone.ALERT if is_bad else Tone.PLAIN,
            history=None if level is None else self.history(level),
        )

    def rate(self, label: str, series: Series) -> Measure:
        """Return what was counted in the last hour, with its points."""
        return self.of(label, f"rates.last_hour.{series}", hint=HOUR, level=series)

    def level(
        self, label: str, level: str, *, hint: str = "", bad_from: float | None = None
    ) -> Measure:
        """Return what was measured last, with its points."""
        fact = f"rates.levels.{level}.latest"
        return self.of(label, fact, hint=hint, bad_from=bad_from, level=level)

    def history(self, name: str) -> Sparkline | None:
        """Return the points of a series or a level, None where they were never read."""
        rates = self.facts.rates
        if isinstance(rates, Unread):
            return None
        points = rates.points[Series(name)] if name in Series else rates.levels[name]
        unit = "s" if name.endswith("_seconds") else ""
        return Sparkline(began_at=rates.began_at, points=points, unit=unit)


def number_at(data: object, fact: str) -> float | None:
    """Return the number at a path of keys and places; `#` counts a list."""
    for step in fact.split("."):
        match data:
            case Mapping():
                data = data.get(step)
            case list() if step == "#":
                data = len(data)
            case list() if step.isdigit() and int(step) < len(data):
                data = data[int(step)]
            case _:
                return None
    return float(data) if isinstance(data, int | float) else None


def _shown(number: float | None, *, in_seconds: bool) -> str:
    if number is None:
        return NOT_READ
    return duration(timedelta(seconds=number)) if in_seconds else f"{number:,.0f}"
