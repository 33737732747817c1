"""What couponbus promises of redemptions, checked on the facts of a week."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from couponbus_sandbox.demo.checks import Check
from couponbus_sandbox.demo.week_facts import WeekFacts

LONGEST_DELAY = timedelta(days=1)
SHARE_OF_CALLS = 0.2


def week_checked(facts: WeekFacts) -> Sequence[Check]:
    """Return every promise with its count of breaches."""
    return [Check(promise=promise, broken=count(facts)) for promise, count in PROMISES.items()]


def missed(facts: WeekFacts) -> int:
    """Count the redemptions that are missing in the ledger."""
    return len(facts.uses.keys() - facts.recorded.keys())


def duplicates(facts: WeekFacts) -> int:
    """Count what the ledger or the bus has twice, and what never happened."""
    invented = facts.recorded.keys() - facts.uses.keys()
    twice = sum(len(facts.recorded[name]) - 1 for name in facts.recorded)
    ids = facts.published["RedemptionRecorded"].values()
    return len(invented) + twice + sum(len(each) - 1 for each in ids)


def delays(facts: WeekFacts) -> Sequence[timedelta]:
    """Return the delays from redemption to the poll that showed it, in simulated time."""
    known = facts.recorded.keys() & facts.uses.keys()
    return sorted(facts.recorded[name][0].seen_at - facts.uses[name].at for name in known)


def _unpublished(facts: WeekFacts) -> int:
    return len(facts.uses.keys() ^ facts.published["RedemptionRecorded"].keys())


def _wrong_changes(facts: WeekFacts) -> int:
    changed = {name for name, use in facts.uses.items() if use.is_changed}
    return _not_once(facts.published["RedemptionUpdated"], changed)


def _wrong_reversals(facts: WeekFacts) -> int:
    gone = {name for name, use in facts.uses.items() if use.is_reversed}
    return _not_once(facts.published["RedemptionReversed"], gone)


def _not_once(published: Mapping[str, Counter[str]], wanted: set[str]) -> int:
    return sum(
        len(published.get(name, ())) != (name in wanted) for name in wanted | published.keys()
    )


def _out_of_time(facts: WeekFacts) -> int:
    return sum(not timedelta(0) <= delay <= LONGEST_DELAY for delay in delays(facts))


def _open(facts: WeekFacts) -> int:
    return facts.open + abs(facts.users + facts.consumers - facts.open - sum(facts.ended.values()))


def _left_over(facts: WeekFacts) -> int:
    return sum(facts.left_over.values())


def _too_many_calls(facts: WeekFacts) -> int:
    return max(0, facts.calls - round(facts.fixed_calls * SHARE_OF_CALLS))


PROMISES: dict[str, Callable[[WeekFacts], int]] = {
    "each redemption is recorded": missed,
    "none is recorded twice, nor what never happened": duplicates,
    "each is published": _unpublished,
    "each change of a value is published once": _wrong_changes,
    "each reversal is published once, and nothing else as one": _wrong_reversals,
    "no redemption waits for more than a day": _out_of_time,
    "each watch has ended": _open,
    "every queue of the polls is empty": _left_over,
    "a fifth of the calls of a fixed interval is enough": _too_many_calls,
}
