"""How often a complete answer may lack something: not twice in a row, for any worker."""

from collections import defaultdict
from collections.abc import Callable

from tests.simulation.polling.truth import Place
from tests.simulation.world import World


class Glitches:
    """Allows them; `is_suspected` says whether a watch already knows that something was missing.

    If it does, this invocation must have got the whole answer in between: another one may have been
    unable to store it.
    """

    def __init__(self, world: World, *, is_suspected: Callable[[Place], bool]) -> None:
        self._world = world
        self._is_suspected = is_suspected
        self._whole_since: dict[Place, set[int]] = defaultdict(lambda: {0})

    def may_lack(self, place: Place) -> bool:
        """Whether the next answer about a customer may lack something."""
        whole = self._whole_since[place]
        return self._world.current().serial in whole or (
            bool(whole) and not self._is_suspected(place)
        )

    def lacked(self, place: Place) -> None:
        """Record an answer that lacks something."""
        self._whole_since[place] = set()

    def was_whole(self, place: Place) -> None:
        """Record an answer that arrived whole."""
        self._whole_since[place].add(self._world.current().serial)
