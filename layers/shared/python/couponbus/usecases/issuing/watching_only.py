"""Begins watches for sign-ups to programs that issue no barcode."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.issuing.program import Program, denied
from couponbus.domain.polling.watch import Watch
from couponbus.ports.shared import Clock
from couponbus.usecases.causes import Failures, all_for, cause_of
from couponbus.usecases.invocation import Invocation, Metric
from couponbus.usecases.issuing.enrolment import Enrolment, age_of
from couponbus.usecases.issuing.sign_up_messages import SignUp
from couponbus.usecases.polling.start_watches import InitialPolls, Watching
from couponbus.usecases.traces import Traced

type WatchedSignUp = tuple[SignUp, Program]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchingOnly:
    """Begins their watches at once: there is no barcode to wait for."""

    enrolment: Enrolment
    watching: Watching
    initial_polls: InitialPolls
    clock: Clock

    def watch(self, sign_ups: Sequence[WatchedSignUp], *, run: Invocation) -> Failures:
        """Begin the watches; return the messages of sign-ups whose watches may not be stored.

        Raises SecretUnavailable.
        """
        now = self.clock.now()
        by_message: dict[str, list[Watch]] = defaultdict(list)
        for sign_up, program in sign_ups:
            event = sign_up.event
            if denied(program, consents=event.consents, age=age_of(sign_up, now=now), now=now):
                run.count(Metric.REFUSED)
                run.traces.add(Traced.REFUSED, self.enrolment.trace_id(event))
                continue
            who = self.enrolment.watched(event, program)
            found = self.watching.watches_for(who, program.watches)
            run.count(Metric.WITHOUT_IDENTITY, len(program.watches) - len(found))
            if not found:
                run.traces.add(Traced.REFUSED, who.trace_id)
            by_message[sign_up.message_id] += found
        try:
            begun = self.watching.begin([*chain.from_iterable(by_message.values())])
        except LedgerUnavailable as error:
            return all_for(cause_of(error), by_message)
        self.initial_polls.request(begun.watches, run=run)
        run.count(Metric.WATCHES_STARTED, len(begun.watches))
        run.broken.update(begun.broken)
        run.traces.note(begun.watches)
        for new, old in begun.doubles:
            run.traces.join(new, old)
        return {
            message_id: begun.why_unstored(found)
            for message_id, found in by_message.items()
            if any(watch.key in begun.unstored for watch in found)
        }
