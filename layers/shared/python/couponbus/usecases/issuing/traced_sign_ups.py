"""The traces of sign-ups that leave no row of their own, noted for the log line."""

from collections.abc import Collection, Sequence
from contextlib import suppress

from couponbus.domain.errors import SecretUnavailable
from couponbus.usecases.invocation import Invocation
from couponbus.usecases.issuing.enrolment import Enrolment
from couponbus.usecases.issuing.sign_up_messages import SignUp
from couponbus.usecases.issuing.unmatched_sign_ups import key_of
from couponbus.usecases.traces import Traced

# Without the pepper there is no trace id; a log line is worth no redelivery.


def note_failed(
    sign_ups: Sequence[SignUp], failed: Collection[str], *, enrolment: Enrolment, run: Invocation
) -> None:
    """Note those whose message comes again."""
    with suppress(SecretUnavailable):
        for one in sign_ups:
            if one.message_id in failed:
                run.traces.add(Traced.FAILED, enrolment.trace_id(one.event))


def note_unmatched(
    sign_ups: Sequence[SignUp], kept: Collection[str], *, enrolment: Enrolment, run: Invocation
) -> None:
    """Note those that no program matches; `kept` has the keys, and message ids, of older ones."""
    with suppress(SecretUnavailable):
        for one in sign_ups:
            key = one.message_id if one.message_id in kept else key_of(one)
            run.traces.add(Traced.UNMATCHED, enrolment.trace_id(one.event), key=key)
