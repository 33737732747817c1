"""A figure that a part of the benchmarks hands over for the table at the end, as a line."""

import json
from dataclasses import asdict, dataclass
from typing import Self

MARK = "figure: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with its limits; `unit` follows it in the table."""

    name: str
    value: float
    unit: str = ""
    digits: int = 1
    least: float | None = None
    most: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether it is beyond a limit."""
        return (self.least is not None and self.value < self.least) or (
            self.most is not None and self.value > self.most
        )

    @property
    def text(self) -> str:
        """Return the number with its unit."""
        return f"{self.value:,.{self.digits}f} {self.unit}".rstrip()

    @property
    def limit(self) -> str:
        """Return the limits as a text."""
        least = f"at least {self.least:g}" if self.least is not None else ""
        most = f"at most {self.most:g}" if self.most is not None else ""
        return f"{least} {most}".strip()

    def line(self) -> str:
        """Return the line that a part prints."""
        return MARK + json.dumps(asdict(self))

    @classmethod
    def of(cls, line: str) -> Self | None:
        """Return the figure of such a line, None for any other one."""
        return cls(**json.loads(line.removeprefix(MARK))) if line.startswith(MARK) else None
