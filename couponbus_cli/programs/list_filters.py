"""Check that all programs watch the list of an account with the same filter.

A customer has one watch at an account of Koupon: two of them with lists that share an offer would
record its redemptions twice, and no filter of Koupon is known to share none.
"""

from collections.abc import Iterator, Mapping, Sequence

from couponbus.domain.issuing.program import Program
from couponbus.domain.patterns.validation import Path
from couponbus.domain.polling.poll_policy import ListFilter, WatchRule
from couponbus.domain.provider import Provider
from couponbus_cli.app.failing import Failed
from couponbus_cli.programs.watch_part import Fault

type Filters = Mapping[str, tuple[str, ListFilter | None]]

SAME = "one watch polls one list of a customer; give all rules of the account the same filter"


def faults_of_filters(programs: Sequence[Program]) -> Iterator[Fault]:
    """Yield each rule of a file whose filter is not that of an earlier one for the account."""
    first: dict[str, tuple[str, ListFilter | None]] = {}
    for index, program in enumerate(programs):
        here: Path = ("programs", index, "watch", Provider.KOUPON.value)
        for place, rule in enumerate(_lists(program)):
            other, list_filter = first.setdefault(rule.account, (program.name, rule.list_filter))
            if rule.list_filter != list_filter:
                text = f"has {shown(rule.list_filter)}, and program {other} {shown(list_filter)}"
                yield (*here, place), f"{text} for {rule.account}: {SAME}"


def require_same_filters(wanted: Sequence[Program], *, kept: Sequence[Program]) -> None:
    """Raise Failed when a program that stays stored has another filter than one of the file."""
    theirs = _filters(kept)
    for program in wanted:
        for rule in _lists(program):
            other, list_filter = theirs.get(rule.account, (program.name, rule.list_filter))
            if rule.list_filter != list_filter:
                text = (
                    f"{rule.provider}/{rule.account}: program {program.name} has"
                    f" {shown(rule.list_filter)}, and program {other}, which is not in the file,"
                    f" {shown(list_filter)}: {SAME}, in one file, or remove one of them"
                )
                raise Failed(text, kind="filters_differ")


def notes_of_change(wanted: Sequence[Program], *, stored: Sequence[Program]) -> Iterator[str]:
    """Yield a sentence for each account whose filter changes: watches that go on keep theirs."""
    before = _filters(stored)
    for account, (_, after) in _filters(wanted).items():
        _, earlier = before.get(account, ("", after))
        if earlier != after:
            yield (
                f"{Provider.KOUPON}/{account}: watches that began with {shown(earlier)} keep it"
                f" until they end; those that begin now have {shown(after)}."
            )


def shown(list_filter: ListFilter | None) -> str:
    """Return a filter in one line."""
    return " ".join(list_filter.texts) if list_filter else "no filter"


def _filters(programs: Sequence[Program]) -> Filters:
    return {
        rule.account: (program.name, rule.list_filter)
        for program in programs
        for rule in _lists(program)
    }


def _lists(program: Program) -> Sequence[WatchRule]:
    return [rule for rule in program.watches if rule.provider is Provider.KOUPON]
