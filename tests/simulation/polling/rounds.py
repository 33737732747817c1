"""The stored polls of a watch, from one start of it to its end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.snapshot import OfferSnapshot, Snapshot
from couponbus.domain.polling.watch import Watch
from tests.simulation.polling.story import Story
from tests.simulation.polling.truth import Use
from tests.simulation.polling.witness import Stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`stored` are the polls that were stored; `last` is the truth of now if it still runs.

    `is_of_new_customer`: nothing was redeemed before the sign-up that began it.
    """

    number: int
    started: Watch
    stored: Sequence[Stored]
    last: Snapshot
    is_running: bool
    is_of_new_customer: bool

    @property
    def first(self) -> Snapshot | None:
        """The snapshot of the first poll."""
        return next((one.poll.snapshot for one in self.stored if one.is_first and one.poll), None)

    @property
    def is_settled(self) -> bool:
        """Whether no snapshot needed confirmation: a cancellation does not wait for one."""
        return self.is_running or self.stored[-1].is_settled

    @property
    def is_plain(self) -> bool:
        """Whether the last poll showed the whole truth, as far as that can be seen."""
        return self.is_settled and self.last.is_clear

    @property
    def was_cut(self) -> bool:
        """Whether a poll counted uses of the code that it did not list."""
        return any(one.poll is not None and one.poll.snapshot.unlisted for one in self.stored)

    def hid_from_the_first(self, use: Use, *, others: Story[int], until: float) -> bool:
        """Whether the first poll counted a redemption without listing it, and it stood ever since.

        One that was taken back meanwhile, and stands again, was redeemed since as far as a client
        can tell: it was never shown before, and the totals said that it had gone.
        """
        first = next((one.poll for one in self.stored if one.is_first and one.poll), None)
        if first is None or first.snapshot.unlisted <= others.at(first.at):
            return False
        changed = (at for at in use.values.changes() if first.at < at <= until)
        stood = all(use.values.at(at) is not None for at in (first.at, *changed))
        return stood and not seen_use(first.snapshot, use.number)

    def shown(self, offer_id: str) -> Iterator[tuple[Stored, OfferSnapshot]]:
        """Yield where an offer was shown with a readable count."""
        for one in self.stored:
            seen = seen_offer(one.poll.snapshot, offer_id) if one.poll else None
            if seen is not None and seen.count is not None:
                yield one, seen


def rounds_of(stored: Sequence[Stored], *, now: Snapshot | None, is_new: bool) -> list[Round]:
    """Return the rounds of a watch; `now` is the truth, None if it is no longer polled."""
    numbers = sorted({one.row.round for one in stored if one.poll is not None})
    found: list[Round] = []
    for number in numbers:
        polls = [one for one in stored if one.row.round == number and one.poll is not None]
        last = polls[-1].poll
        assert last is not None
        is_running = now is not None and number == numbers[-1]
        found.append(
            Round(
                number=number,
                started=polls[0].row,
                stored=polls,
                last=now if is_running and now is not None else last.snapshot,
                is_running=is_running,
                is_of_new_customer=is_new and number == 1,
            )
        )
    return found


def at_that_time(rounds: Sequence[Round], when: float) -> Round | None:
    """Return the round that ran at that time."""
    running = [one for one in rounds if one.stored[0].at <= when]
    return running[-1] if running else None


def seen_use(snapshot: Snapshot, number: str) -> Redemption | None:
    return next((one for one in snapshot.uses if one.redemption_id == number), None)


def seen_offer(snapshot: Snapshot, offer_id: str) -> OfferSnapshot | None:
    return next((one for one in snapshot.offers if one.offer_id == offer_id), None)
