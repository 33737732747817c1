"""Factories of messages with arbitrary values; `tests.factories` exports them all."""

from datetime import timedelta

from couponbus.domain import identity
from couponbus.events.base import Metadata
from couponbus.events.commands import QuarantineLetter
from couponbus.events.sign_up import Customer, CustomerSignedUp
from couponbus.events.sign_up_rejected import RejectedData, SignUpRejected
from tests.drawing import SPRING, any_word, draw


def any_sign_up(*, seed: int | None = None) -> CustomerSignedUp:
    """Return one whose customer Coniq knows by id."""
    source = draw(seed)
    return CustomerSignedUp(
        signup_id=f"signup-{source.randrange(10**9)}",
        occurred_at=SPRING + timedelta(seconds=source.randrange(10**6)),
        customer=Customer(coniq_customer_id=source.randint(1, 2**40)),
        consents=("marketing",),
        attributes={"shop": any_word(seed=source.randrange(9))},
    )


def any_event(*, seed: int | None = None) -> SignUpRejected:
    """Return a small event that is published without changes."""
    source = draw(seed)
    word = any_word(seed=source.randrange(10**9))
    return SignUpRejected(
        metadata=Metadata(
            id=identity.event_id(entity=word, detail_type=SignUpRejected.detail_type, version=1),
            version=1,
            sequence=1,
            occurred_at=SPRING + timedelta(seconds=source.randrange(10**6)),
            tenant="default",
        ),
        data=RejectedData(signup_id=f"signup-{word}", reason="schema", fields=["customer"]),
    )


def any_letter(*, seed: int | None = None) -> QuarantineLetter:
    word = any_word(seed=seed)
    return QuarantineLetter(
        reason="schema",
        fields=("signup_id",),
        message_id=f"message-{word}",
        event_id=None,
        signup_id=None,
        sha256=identity.digest("body", word),
        size=512,
        received_at="2026-06-01T12:00:00+00:00",
    )
