"""Keeps messages whole in which no sign-up id can be read, so that they can be sent again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from couponbus.domain.errors import QueueUnavailable, SecretUnavailable
from couponbus.ports.issuing import Unidentified
from couponbus.ports.shared import Pseudonyms
from couponbus.usecases.causes import Failures, all_for, cause_of, first_of
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.messages import InvalidMessage, Message
from couponbus.usecases.quarantine import InvalidMessages
from couponbus.usecases.traces import Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class UnidentifiedMessages:
    """No producer can be asked to send these again; of the others only a letter is kept."""

    queue: Unidentified
    letters: InvalidMessages
    pseudonyms: Pseudonyms

    def quarantine(
        self, invalid: Sequence[InvalidMessage], *, messages: Sequence[Message], run: Invocation
    ) -> Failures:
        """Return the messages to redeliver: none is acknowledged before it is kept."""
        try:
            traced = [self._traced(one) for one in invalid]
        except SecretUnavailable as error:
            return all_for(cause_of(error), (one.message_id for one in invalid))
        unkept = self._keep(traced, messages)
        rest = [one for one in traced if one.message_id not in unkept]
        failed = first_of(unkept, self.letters.quarantine(rest, run=run))
        for one in traced:
            if one.message_id in failed:
                run.traces.add(Traced.FAILED, one.trace_id)
        return failed

    def _traced(self, invalid: InvalidMessage) -> InvalidMessage:
        """Return it with the trace id that its sign-up has. Raises SecretUnavailable."""
        tenant, signup_id = invalid.tenant, invalid.signup_id
        if invalid.trace_id is not None or tenant is None or signup_id is None:
            return invalid
        derived = self.pseudonyms.trace_id(tenant=tenant, signup_id=signup_id)
        return replace(invalid, trace_id=derived)

    def _keep(self, invalid: Sequence[InvalidMessage], messages: Sequence[Message]) -> Failures:
        """Return those that may not be kept."""
        unnamed = frozenset(one.message_id for one in invalid if one.signup_id is None)
        bodies = {one.message_id: one.body for one in messages if one.message_id in unnamed}
        try:
            if whole := [body for body in bodies.values() if body]:
                self.queue.keep(whole)
        except QueueUnavailable as error:
            return all_for(cause_of(error), unnamed)
        return {}
