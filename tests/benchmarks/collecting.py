"""How many POSTs sign-ups take by rate, window and collectors: `python -m ...collecting`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, batched
from random import Random

FULL = 200
SIGN_UPS = 20_000
RATES = (0.1, 1.0, 10.0, 30.0)
TICK = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Pollers that collect, each for a window of seconds.

    With `held` their batches are left in the ledger: the first worker that comes so many seconds
    after the oldest posts all, or the first tick; a full batch is posted at once.
    """

    collectors: int
    window: float
    held: float | None = None


BOUND = Setting(collectors=1, window=20)
BEFORE = Setting(collectors=5, window=20)
CHOSEN = Setting(collectors=2, window=30)
SETTINGS = {
    "one, 20 s: the bound": BOUND,
    "five, 20 s: before": BEFORE,
    "five, 30 s": Setting(collectors=5, window=30),
    "five, 100 s": Setting(collectors=5, window=100),
    "three, 30 s": Setting(collectors=3, window=30),
    "two, 20 s": Setting(collectors=2, window=20),
    "two, 30 s: prod": CHOSEN,
    "two, 40 s": Setting(collectors=2, window=40),
}
HELD = {
    "five, 20 s, and 20 s in the ledger": Setting(collectors=5, window=20, held=20),
    "five, 5 s, and 15 s in the ledger": Setting(collectors=5, window=5, held=15),
    "five, 20 s, then until a tick": Setting(collectors=5, window=20, held=TICK),
}


@dataclass(frozen=True, slots=True)
class Post:
    """The sign-ups of a POST by the time at which they came, and when it is sent."""

    came: Sequence[float]
    at: float


@dataclass(frozen=True, slots=True)
class Figures:
    """POSTs for 1,000 sign-ups, and the seconds that these wait for theirs."""

    posts: float
    mean: float
    longest: float


def arrivals(*, rate: float, count: int, seed: int) -> Sequence[float]:
    """Return the times of so many sign-ups that come independently of each other."""
    chance = Random(seed)
    return list(accumulate(chance.expovariate(rate) for _ in range(count)))


def collect(came: Sequence[float], setting: Setting, *, seed: int) -> Sequence[Post]:
    """Return the batches; each collector has the same chance to receive a sign-up."""
    chance = Random(seed)
    pollers: list[list[float]] = [[] for _ in range(setting.collectors)]
    posts: list[Post] = []
    for at in came:
        number = chance.randrange(setting.collectors)
        if pollers[number] and at > pollers[number][0] + setting.window:
            posts.append(Post(pollers[number], pollers[number][0] + setting.window))
            pollers[number] = []
        pollers[number].append(at)
        if len(pollers[number]) == FULL:
            posts.append(Post(pollers[number], at))
            pollers[number] = []
    posts += [Post(some, some[0] + setting.window) for some in pollers if some]
    return sorted(posts, key=lambda post: post.at)


def hold(batches: Sequence[Post], *, seconds: float) -> Iterator[Post]:
    """Yield the POSTs if each batch is left in the ledger for a while."""
    held: list[float] = []
    since = 0.0
    for batch in batches:
        tick = -(-(since + seconds) // TICK) * TICK
        if held and batch.at > tick:
            yield Post(held, tick)
            held = []
        since = since if held else batch.at
        held += batch.came
        full = len(held) - len(held) % FULL
        ready = len(held) if batch.at >= since + seconds else full
        yield from (Post(some, batch.at) for some in batched(held[:ready], FULL, strict=False))
        held = held[ready:]
        since = batch.at if ready else since
    if held:
        yield Post(held, since + seconds)


def figures(rate: float, setting: Setting) -> Figures:
    """Return what 20,000 sign-ups at a rate take, always the same."""
    came = arrivals(rate=rate, count=SIGN_UPS, seed=1)
    posts = collect(came, setting, seed=2)
    if setting.held is not None:
        posts = list(hold(posts, seconds=setting.held))
    waits = [post.at - each for post in posts for each in post.came]
    return Figures(1000 * len(posts) / len(waits), sum(waits) / len(waits), max(waits))


def settings() -> Iterator[str]:
    """Yield the table of collectors and windows."""
    yield from _table("collectors, window", SETTINGS)


def candidates() -> Iterator[str]:
    """Yield the table of what was not built."""
    yield from _table("collectors, window", HELD)


def _table(head: str, rows: dict[str, Setting]) -> Iterator[str]:
    yield f"| {head} | " + " | ".join(f"{rate:g} a second" for rate in RATES) + " |"
    yield "|---|" + "--:|" * len(RATES)
    for name, setting in rows.items():
        yield f"| {name} | " + " | ".join(_cell(figures(rate, setting)) for rate in RATES) + " |"


def _cell(found: Figures) -> str:
    return f"{found.posts:,.1f}; {found.mean:.0f} s, {found.longest:.0f} s"


if __name__ == "__main__":
    for line in (*settings(), "", *candidates()):
        sys.stdout.write(f"{line}\n")
