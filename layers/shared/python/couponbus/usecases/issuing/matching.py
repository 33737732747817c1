"""Matches sign-ups to programs; one is unmatched only by programs read after it arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus.ports.issuing import Programs
from couponbus.usecases.causes import UNREADABLE_PROGRAM, Cause, cause_of
from couponbus.usecases.issuing.enrolment import Enrolment, by_name
from couponbus.usecases.issuing.sign_up_messages import SignUp

type Matched = tuple[SignUp, Sequence[Program]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Each sign-up is in one of the three; those that are `undecided`, and why, come again.

    `programs` are those that could be read, `unreadable` the names of the others.
    """

    programs: Mapping[str, Program]
    unreadable: frozenset[str]
    matched: Sequence[Matched]
    unmatched: Sequence[SignUp] = ()
    undecided: Sequence[tuple[SignUp, Cause]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Reads the programs again, once a batch, when the cached ones do not match a sign-up."""

    programs: Programs
    enrolment: Enrolment

    def match(self, sign_ups: Sequence[SignUp], *, arrived: datetime) -> Matches:
        """Return which programs match which sign-ups; `arrived` is when the batch arrived.

        A sign-up that matches nothing while some program cannot be read is undecided, as that one
        may match it. Raises LedgerUnavailable.
        """
        first = self._matched(sign_ups, self.programs.active())
        if not first.unmatched:
            return first
        try:
            renewed = self.programs.active(since=arrived)
        except LedgerUnavailable as error:
            return _undecided(first, why=cause_of(error))
        second = self._matched(sign_ups, renewed)
        return _undecided(second, why=UNREADABLE_PROGRAM) if second.unreadable else second

    def _matched(self, sign_ups: Sequence[SignUp], programs: ProgramsInForce) -> Matches:
        found = [(one, self.enrolment.matching(one, programs.readable)) for one in sign_ups]
        return Matches(
            programs=by_name(programs.readable),
            unreadable=programs.unreadable,
            matched=[(one, programs_of_it) for one, programs_of_it in found if programs_of_it],
            unmatched=[one for one, programs_of_it in found if not programs_of_it],
        )


def _undecided(matches: Matches, *, why: Cause) -> Matches:
    return replace(matches, unmatched=(), undecided=[(one, why) for one in matches.unmatched])
