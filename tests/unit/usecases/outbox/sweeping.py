"""Rows that are due for a sweep, and the commands that the sweep has sent."""

from dataclasses import replace

from couponbus.domain.issuing.issuance import Issuance
from couponbus.events.commands import ContinueWork
from tests import factories
from tests.unit.usecases.world import BRAND, PROGRAM, World


def waiting(world: World, count: int = 1) -> list[Issuance]:
    """Return stored rows that have been due for a while, the longest first."""
    rows = [
        replace(
            factories.any_issuance(),
            account=BRAND,
            program=PROGRAM.name,
            due_at=world.in_seconds(-number),
        )
        for number in range(count, 0, -1)
    ]
    world.store(*rows)
    return rows


def sent(world: World) -> list[str]:
    return [key for command in commands(world) for key in command.keys]


def commands(world: World) -> list[ContinueWork]:
    return [command for command in world.commands.sent if isinstance(command, ContinueWork)]
