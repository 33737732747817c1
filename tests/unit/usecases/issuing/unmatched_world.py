"""Sign-ups that no program matches, and their rows and events."""

import json
from dataclasses import replace

from couponbus.domain.issuing.program import Program, ProgramsInForce
from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.events.sign_up_unmatched import SignUpUnmatched, UnmatchedData
from couponbus.usecases.messages import Message
from tests.fakes.programs import MemoryPrograms
from tests.unit.usecases.world import PROGRAM, World

MISTYPED = replace(PROGRAM, pattern={"detail": {"tenant": ["acme"]}})
ADA = "ada@customer.example"


def a_sign_up(
    number: int, *, tenant: str = "default", source: str = "shop", **customer: str
) -> Message:
    detail = {
        "signup_id": f"s{number}",
        "occurred_at": "2026-06-01T11:59:00Z",
        "tenant": tenant,
        "customer": {"coniq_customer_id": number, "email": ADA, **customer},
    }
    envelope = {"source": source, "detail-type": "CustomerSignedUp", "detail": detail}
    return Message(message_id=f"m{number}", body=json.dumps(envelope))


def kept(world: World) -> list[UnmatchedSignUp]:
    return [row for row in world.ledger.rows.values() if isinstance(row, UnmatchedSignUp)]


def unmatched_events(world: World) -> list[UnmatchedData]:
    world.publish()
    return [event.data for event in world.bus.events if isinstance(event, SignUpUnmatched)]


def rematch(world: World) -> None:
    """Do what the operator's command does."""
    for row in kept(world):
        if row.is_kept:
            world.ledger.rows[row.key] = row.rematching(now=world.clock.now()).written("operator")


class Old(MemoryPrograms):
    """Programs that a worker has read before they were changed; a read may fail."""

    def __init__(self, *programs: Program) -> None:
        super().__init__(*programs)
        self.copy = ProgramsInForce()
        self.reads = 0
        self.silent: Exception | None = None

    def active(self, *, since: object = None) -> ProgramsInForce:
        if since is None:
            return self.copy
        self.reads += 1
        if self.silent is not None:
            raise self.silent
        self.copy = super().active()
        return self.copy


class Aged(World):
    """A worker whose copy of the programs is from before there was one."""

    def __init__(self, *programs: Program) -> None:
        super().__init__(*programs)
        self.old = Old(*(programs or (PROGRAM,)))
        self.programs = self.old
        self._issue_barcodes = self._assembled()
