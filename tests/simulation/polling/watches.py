"""The watches of a run as the ledger has them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from couponbus.domain.polling.snapshot import UNCLEAR
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus.domain.row import Row
from tests.simulation.polling.scenario import REST, key_of
from tests.simulation.polling.truth import Place

SOON = timedelta(seconds=4 * REST)


class Watches:
    """Queries about them."""

    def __init__(self, rows: Mapping[str, Row]) -> None:
        self._rows = rows

    def all(self) -> list[Watch]:
        return [row for row in self._rows.values() if isinstance(row, Watch)]

    def active(self) -> list[Watch]:
        return [watch for watch in self.all() if watch.state is WatchState.ACTIVE]

    def of(self, place: Place) -> Watch | None:
        watch = self._rows.get(key_of(place))
        return watch if isinstance(watch, Watch) else None

    def is_suspected(self, place: Place) -> bool:
        """Whether the last stored poll found something missing."""
        watch = self.of(place)
        return watch is not None and (
            any(use.missing for use in watch.uses)
            or any(offer.missing or offer.lower_count is not None for offer in watch.offers)
        )

    def are_settled(self, now: datetime, *, stays_unclear: Callable[[Watch], bool]) -> bool:
        """Whether each is over, or has stored all that it was shown and goes on for long.

        What has gone may stay unclear for ever. No code has an error in truth: one that a damaged
        answer showed goes with the next poll.
        """
        return all(
            watch.state is WatchState.ENDED
            or (watch.state is WatchState.ACTIVE and stays_unclear(watch))
            or (
                watch.digest not in ("", UNCLEAR)
                and not watch.code_errors
                and watch.last_poll_at > now + SOON
            )
            for watch in self.all()
        )
