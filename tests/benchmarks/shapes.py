"""The shapes in which sign-ups come to the functions, and what each is compared with."""

from dataclasses import dataclass

FULL, HALF, FEW, ALONE = 200, 50, 8, 1
COLLECTORS = 5  # of a queue, each with a batch of its own
PLAIN_MOST = 100  # records of a batch of the plain design


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`times` batches of so many sign-ups a round, and the batches of the plain design beside.

    Of several collectors each has a batch of its own, and finds the pace changed by another.
    """

    name: str
    batch: int
    watches: int = 0
    times: int = 1
    plain_times: int = 1
    collectors: int = 1

    @property
    def records(self) -> int:
        """Return the sign-ups of a round."""
        return self.batch * self.times

    @property
    def plain_batch(self) -> int:
        """Return the records that the plain design gets at once."""
        return min(self.batch, PLAIN_MOST)


SHAPES = (
    Shape(name=f"{FULL} in a batch", batch=FULL, times=3),
    Shape(name=f"{FULL} of a program that watches", batch=FULL, watches=1, times=2),
    Shape(
        name=f"{FULL} in five batches, of five collectors",
        batch=FULL // COLLECTORS,
        times=10,
        collectors=COLLECTORS,
    ),
    Shape(name=f"{HALF} in a batch", batch=HALF, times=4),
    Shape(name=f"{FEW} in a batch", batch=FEW, times=10, plain_times=4),
    Shape(name="one alone", batch=ALONE, times=20, plain_times=20),
)
OVER_TLS = Shape(name=f"{FULL} in a batch, over TLS to AWS", batch=FULL, times=3)
