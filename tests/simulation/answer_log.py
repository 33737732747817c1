"""What Coniq answered about each customer and offer, as far as a judge must know it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulation.world import Invocation

type Subject = tuple[str, int, int]  # account, customer and offer
type Question = Subject | str  # or a tracking code, or what `asked_for` returns


def asked_for(account: str, email: str) -> str:
    """Return the key of the look-up of an e-mail."""
    return f"{account} {email}"


@dataclass(frozen=True, slots=True)
class Refused:
    """When a POST with an item was refused, and whether it held no other item."""

    at: float
    alone: bool


class AnswerLog:
    """Records refusals, doubtful references, shared e-mails, and answers that prove nothing."""

    def __init__(self) -> None:
        self.doubtful: set[Subject] = (
            set()
        )  # whose barcodes were shown with another reference, or with none
        self.several: set[Question] = set()  # e-mails that an answer gave to several customers
        self._refusals: defaultdict[Subject, list[Refused]] = defaultdict(list)
        self._made: defaultdict[str, list[float]] = defaultdict(list)
        self._answers: list[tuple[Question, float, Invocation, bool]] = []

    def refuse(self, subjects: Iterable[Subject], *, at: float, alone: bool) -> None:
        """Record that all of these are refused with Coniq's own error message."""
        for subject in subjects:
            self._refusals[subject].append(Refused(at, alone))

    def make(self, subject: Subject, *, at: float) -> None:
        """Record that an item of an account was accepted."""
        self._made[subject[0]].append(at)

    def answer(self, asked: Question, *, at: float, by: Invocation, proves: bool) -> None:
        """Record an answer to a look-up of `by`, and whether it proves anything."""
        self._answers.append((asked, at, by, proves))

    def unproven_for(self, *asked: Question) -> float:
        """Return the longest time in seconds in which no answer to any of these proved anything.

        A proof that an invocation received before it crashed is lost: it may have stored nothing.
        """
        longest, since = 0.0, None
        for question, at, by, proves in self._answers:
            if question in asked and not (proves and by.dead):
                since = None if proves else at if since is None else since
                longest = max(longest, 0.0 if since is None else at - since)
        return longest

    def is_refused(self, subject: Subject) -> bool:
        """Whether it was refused alone, and again after another item of its account succeeded."""
        alone = self._alone(subject)
        return any(alone[0] <= made <= alone[-1] for made in self._made[subject[0]] if alone)

    def refused_alone_for(self, subject: Subject) -> float:
        """Return the seconds between its first and last refusal alone in a POST."""
        alone = self._alone(subject)
        return alone[-1] - alone[0] if alone else 0.0

    def _alone(self, subject: Subject) -> list[float]:
        return [refusal.at for refusal in self._refusals[subject] if refusal.alone]
