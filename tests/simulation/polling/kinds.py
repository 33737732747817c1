"""The faults that the calls of polling can suffer; those shared with issuing are in `faults`."""

from tests.simulation.faults import (
    CRASH_AFTER,
    CRASH_BEFORE,
    KINDS,
    LOST,
    MUTATING,
    PARTLY,
    READING,
    SLOW,
    Kinds,
    Rates,
)

LATE = "late"
LACKS_ANY = "complete, but lacks one"
LACKS_LAST = "complete, but lacks the last"
LACKS_ALL = "complete, but empty"
COUNTS_LESS = "complete, but counts less"
GLITCHES = (LACKS_ANY, LACKS_LAST, LACKS_ALL, COUNTS_LESS)
INCOMPLETE = "incomplete"
DOUBTFUL = "doubtful"
ODD = "odd error code"
REFUSALS = ("429", "500", "401", "404", "unreadable", "timeout")

SHARED = (
    "ledger.write",
    "ledger.read",
    "ledger.due",
    "programs.active",
    "pseudonyms.of",
    "rate_limiter.reserve",
    "rate_limiter.report",
    "bus.publish",
    "commands.send",
    "quarantine.put",
    "queue.receive",
    "queue.delete",
    "stream.batch",
    "tick",
)
POLL_KINDS: Kinds = {
    **{name: KINDS[name] for name in SHARED},
    "ledger.write_together": MUTATING,
    "rate_limiter.spent": READING,
    "cohorts.enter": (*MUTATING, PARTLY),
    "cohorts.leave": (CRASH_BEFORE, CRASH_AFTER, LOST),
    "cohorts.sizes": READING,
    "cohorts.members": READING,
    "redemptions.poll": (CRASH_BEFORE, CRASH_AFTER, SLOW, LATE, *REFUSALS),
    "redemptions.answer": (*GLITCHES, INCOMPLETE, DOUBTFUL, ODD),
}
# Polls are many: at the rates of the other runs, all of them would fail.
POLL_RATES = (0.01, 0.03, 0.1)
ANSWER_RATES: Rates = {"redemptions.answer": (0.0, 0.0, 0.05, 0.2)}
