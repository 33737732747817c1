"""What a check found: a line for the operator."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended; only a problem is a failure of the command."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was found, and `do`, what an operator does about it."""

    check: str
    verdict: Verdict
    text: str
    do: str = ""

    @property
    def line(self) -> str:
        """Return it as a terminal shows it."""
        then = f" → {self.do}" if self.do else ""
        return f"{self.verdict.replace('_', ' '):<9} {self.check}: {self.text}{then}"

    def data(self) -> dict[str, str]:
        """Return it with stable keys."""
        return {
            "check": self.check,
            "verdict": self.verdict.value,
            "text": self.text,
            "do": self.do,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a check says; its name is added to it."""

    verdict: Verdict
    text: str
    do: str = ""

    def named(self, check: str) -> Finding:
        """Return the finding of this check."""
        return Finding(check=check, verdict=self.verdict, text=self.text, do=self.do)


type Judge[Answer] = Callable[[Answer], Said]


def fine(text: str) -> Said:
    """Say that all is well."""
    return Said(verdict=Verdict.OK, text=text)


def warning(text: str, *, do: str) -> Said:
    """Say what may become a problem."""
    return Said(verdict=Verdict.WARNING, text=text, do=do)


def problem(text: str, *, do: str) -> Said:
    """Say what needs an operator now."""
    return Said(verdict=Verdict.PROBLEM, text=text, do=do)


def unknown(text: str, *, do: str = "") -> Said:
    """Say why it is not known."""
    return Said(verdict=Verdict.NOT_KNOWN, text=text, do=do)
