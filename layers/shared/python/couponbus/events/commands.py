"""Messages between our own functions."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from couponbus.events.base import Command

KEYS_PER_COMMAND = 50

type Key = Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Z]+#[\x21-\x7e]+$")]


class ContinueWork(Command):
    """Go on with these ledger rows: whatever each of them needs next."""

    type: Literal["ContinueWork"] = "ContinueWork"
    keys: Annotated[tuple[Key, ...], Field(min_length=1, max_length=KEYS_PER_COMMAND)]


class QuarantineLetter(Command):
    """Why a message was put aside, and how to find it at its producer; never its payload."""

    type: Literal["QuarantineLetter"] = "QuarantineLetter"
    reason: str
    fields: tuple[str, ...]
    message_id: str
    event_id: str | None
    signup_id: str | None
    sha256: str
    size: int = Field(description="Bytes of the message body.")
    received_at: str
