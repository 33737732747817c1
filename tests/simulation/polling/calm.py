"""Without faults no watch rests too long, and polls without news leave no trace."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from couponbus.domain.polling.notice import Notice
from couponbus.domain.polling.recorded_redemption import RecordedRedemption
from couponbus.domain.polling.stock import Stock
from couponbus.domain.polling.watch import Watch
from couponbus.domain.polling.watch_identity import watch_key
from couponbus.domain.row import Row
from tests.simulation.ledger import Change
from tests.simulation.polling.rounds import Round
from tests.simulation.polling.run import PollRun
from tests.simulation.polling.scenario import REST, key_of
from tests.simulation.polling.truth import Truth

TICKS_PER_DUE_POLL = 2  # one by age, one around the end of a code
SLACK = 120.0  # seconds from a due poll to the call: late ticks, a full queue, a slow rate limit


def neglected(run: PollRun, truth: Truth, rounds: Sequence[Round]) -> Iterator[str]:
    """Yield watches that were not polled for too long in a run without faults."""
    key = key_of(truth.place)
    watch = run.watches.of(truth.place)
    if watch is None or run.scenario.account_of(watch).calls_per_day is not None:
        return
    for one in rounds:
        ends = run.world.now if one.is_running else one.stored[-1].at
        polls = [poll.at for poll in run.witness.polls if key_of(poll.place) == key]
        times = [one.stored[0].at, *(at for at in polls if one.stored[0].at < at < ends), ends]
        longest = max((later - at for at, later in pairwise(sorted(times))), default=0.0)
        if longest > REST + run.conditions.every + SLACK:
            yield f"P10 {key}: not polled for {longest:.0f} s"


def disturbed(run: PollRun) -> Iterator[str]:
    """Let the run go on for the longest rest of a watch, and yield what should not happen."""
    changes: list[Change] = []
    run.ledger.watchers.append(changes.append)
    before = len(run.witness.polls)
    # What no total proves holds the end up, until a poll shows all after all.
    held_up = {watch.key for watch in run.watches.all() if run.stays_unclear(watch)}
    lasts = REST + run.conditions.every + SLACK
    run.linger(lasts)
    written = Counter(change.row.key for change in changes if change.by.name == "poll")
    for change in changes:
        # A stock that was not polled since it crossed a limit may cross it now, once.
        is_crossing = isinstance(change.row, Stock) and written[change.row.key] == 1
        is_unclear = isinstance(change.row, Watch) and run.stays_unclear(change.row)
        is_held_up = is_unclear or _watch_of(change.row) in held_up
        if change.by.name == "poll" and not (is_crossing or is_held_up):
            yield f"P8 {change.row.key}: written, though nothing was new"
    polls = Counter(key_of(poll.place) for poll in run.witness.polls[before:])
    most = TICKS_PER_DUE_POLL * (lasts / run.conditions.every + 2)
    for watch in run.watches.active():
        if polls[watch.key] > most:
            yield f"P5 {watch.key}: {polls[watch.key]} polls in {lasts} s"
        paced = run.scenario.account_of(watch)
        if not polls[watch.key] and paced.calls_per_day is None:
            yield f"P10 {watch.key}: not polled for {lasts} s"


def _watch_of(row: Row) -> str | None:
    """Return the key of the watch to which a row belongs, None if it belongs to none."""
    if isinstance(row, Watch):
        return row.key
    if isinstance(row, Notice | RecordedRedemption) and row.watch_id is not None:
        return watch_key(row.watch_id)
    return None
