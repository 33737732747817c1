"""Operators who replay published events: they count, and resume an interrupted replay."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from couponbus.domain.webhooks.replay import Replay
from couponbus.usecases.webhooks.replay_selection import Selection
from tests.simulation.webhooks.operators import Operators
from tests.simulation.webhooks.process import WebhookGround
from tests.simulation.webhooks.scenario import Resending
from tests.simulation.world import BEGIN


@dataclass(slots=True, kw_only=True)
class Resent:
    """A requested replay, when its tries began, and its report at the end."""

    replay_id: str
    resending: Resending
    counted: int | None = None
    began: list[float] = field(default_factory=list)
    audit: Replay | None = None
    ended_at: float | None = None


class Resenders:
    """Runs the replays; each has one id for all of its tries."""

    def __init__(self, ground: WebhookGround, operators: Operators) -> None:
        self.all: list[Resent] = []
        self._ground = ground
        self._operators = operators

    def expect(self, resendings: Sequence[Resending]) -> None:
        for number, resending in enumerate(resendings):
            resent = Resent(replay_id=f"replay-{number}", resending=resending)
            self.all.append(resent)
            self._operators.do(resending.at, lambda resent=resent: self._resend(resent))  # type: ignore[misc]

    def _resend(self, resent: Resent) -> None:
        world, replaying = self._ground.world, self._ground.replaying()
        selection = selection_of(resent.resending)
        resent.began.append(world.now)
        resent.counted = replaying.count(selection)
        audit = Replay(
            replay_id=resent.replay_id,
            tenant=resent.resending.tenant,
            selection="what the simulation asks for",
            requested_by="operator",
            began_at=world.moment(),
            planned=resent.counted,
            rate=resent.resending.rate,
        )
        resent.audit = replaying.replay(audit, selection)
        resent.ended_at = world.now


def selection_of(resending: Resending) -> Selection:
    return Selection(
        tenant=resending.tenant,
        since=BEGIN + timedelta(seconds=resending.since),
        until=BEGIN + timedelta(seconds=resending.until),
        detail_types=None if resending.kind is None else frozenset({resending.kind.value}),
        endpoint_ids=None if resending.endpoint_id is None else frozenset({resending.endpoint_id}),
        which=resending.which,
    )
