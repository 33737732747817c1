"""The points of three hours as a line of SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from couponbus_cli.status.measured import POINT

WIDTH, HEIGHT, MARGIN = 160, 36, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """Numbers of five minutes each, the oldest first; the last five minutes are not over yet."""

    began_at: datetime
    points: Sequence[float]
    unit: str = ""

    @property
    def line(self) -> str:
        """The points of the polyline, without those that are not over: they would look low."""
        over = self.points[:-1]
        top = max([*over, 1])
        step = WIDTH / max(len(over) - 1, 1)
        room = HEIGHT - 2 * MARGIN
        return " ".join(
            f"{place * step:.4g},{HEIGHT - MARGIN - max(number, 0) / top * room:.4g}"
            for place, number in enumerate(over)
        )

    @property
    def area(self) -> str:
        """The same, closed along the bottom."""
        return f"0,{HEIGHT} {self.line} {WIDTH},{HEIGHT}"

    @property
    def words(self) -> str:
        """What the line shows, for a reader who does not see it."""
        over = self.points[:-1] or (0,)
        least, most, last = (self._said(each) for each in (min(over), max(over), over[-1]))
        return f"three hours: {least} at least, {most} at most, {last} last"

    @property
    def is_flat(self) -> bool:
        """Whether all of it is 0."""
        return not any(self.points)

    def moment(self, place: int) -> str:
        """Return when a point began, in UTC."""
        return f"{(self.began_at + place * POINT).astimezone(UTC):%H:%M}"

    def _said(self, number: float) -> str:
        return f"{number:,.0f} {self.unit}".rstrip()
