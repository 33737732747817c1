"""What Coniq said of each customer and offer, as far as a judge must know it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

type Subject = tuple[str, int, int]  # account, customer and offer
type Question = Subject | str  # or by a tracking code, or what `asked_for` returns


def asked_for(account: str, email: str) -> str:
    """Return the question who has this e-mail."""
    return f"{account} {email}"


@dataclass(frozen=True, slots=True)
class Refused:
    """When a POST was refused that held an item, and whether it held no other."""

    at: float
    alone: bool


class Testimony:
    """Notes refusals, doubtful references, shared e-mails, and answers that prove nothing."""

    def __init__(self) -> None:
        self.doubtful: set[Subject] = (
            set()
        )  # whose barcodes were shown as another's, or as no customer's
        self.several: set[Question] = set()  # whose e-mails were said to be of several customers
        self._refusals: defaultdict[Subject, list[Refused]] = defaultdict(list)
        self._made: defaultdict[str, list[float]] = defaultdict(list)
        self._answers: list[tuple[Question, float, bool]] = []

    def refuse(self, subjects: Iterable[Subject], *, at: float, alone: bool) -> None:
        """Note that all of these are refused, in words of Coniq's own."""
        for subject in subjects:
            self._refusals[subject].append(Refused(at, alone))

    def make(self, subject: Subject, *, at: float) -> None:
        """Note that an item of an account went through."""
        self._made[subject[0]].append(at)

    def answer(self, asked: Question, *, at: float, proves: bool) -> None:
        """Note an answer to a question, which proves what it says, or nothing at all."""
        self._answers.append((asked, at, proves))

    def unproven_for(self, *asked: Question) -> float:
        """Return for how many seconds in a row no answer to any of these proved anything."""
        longest, since = 0.0, None
        for question, at, proves in self._answers:
            if question in asked:
                since = None if proves else at if since is None else since
                longest = max(longest, 0.0 if since is None else at - since)
        return longest

    def is_refused(self, subject: Subject) -> bool:
        """Whether it was refused alone, and again after another of its account went through."""
        alone = self._alone(subject)
        return any(alone[0] <= made <= alone[-1] for made in self._made[subject[0]] if alone)

    def refused_alone_for(self, subject: Subject) -> float:
        """Return for how many seconds it was refused again and again, with no other beside it."""
        alone = self._alone(subject)
        return alone[-1] - alone[0] if alone else 0.0

    def _alone(self, subject: Subject) -> list[float]:
        return [refusal.at for refusal in self._refusals[subject] if refusal.alone]
