"""Checks that no event is published before it is stored, and all repetitions are identical."""

from typing import ClassVar

from couponbus.domain.identity import event_id
from couponbus.domain.row import Row
from couponbus.events.base import PublishedEvent
from tests.simulation.world import World


class PublishingWitness:
    """Sees every outcome and every event at the moment that it happens.

    `never_early`, `one_content` and `liveness` are the numbers of the invariants.
    """

    never_early: ClassVar[str] = "I5"
    one_content: ClassVar[str] = "I4"
    liveness: ClassVar[str] = "I2"

    def __init__(self, world: World) -> None:
        self.violations: list[str] = []
        self.decided: dict[str, tuple[str, int]] = {}
        self.bodies: dict[str, str] = {}
        self._world = world

    def report_violation(self, what: str) -> None:
        self.violations.append(what)
        self._world.note("VIOLATION", what)

    def raised(self, name: str, error: Exception) -> None:
        self.report_violation(f"{self.liveness} {name} raised {type(error).__name__}: {error}")

    def published(self, event: PublishedEvent) -> None:
        body = event.model_dump_json()
        known = event.metadata.id
        self._world.note("event", f"{event.detail_type} {known[:8]}")
        if known not in self.decided:
            self.report_violation(
                f"{self.never_early} {event.detail_type} not committed, or by another id"
            )
        if self.bodies.setdefault(known, body) != body:
            self.report_violation(
                f"{self.one_content} {event.detail_type} {known}: same id, other content"
            )

    def unpublished(self) -> list[str]:
        """Return the outcomes that were decided and never published."""
        return [
            f"{self.one_content} {key}: outcome {version} was never published"
            for identity, (key, version) in self.decided.items()
            if identity not in self.bodies
        ]

    def forget(self, key: str) -> None:
        """Forget the outcomes of a row that has expired: they may be decided anew."""
        for identity in [one for one, (known, _) in self.decided.items() if known == key]:
            del self.decided[identity]
            self.bodies.pop(identity, None)

    def _stepped(self, row: Row, before: Row | None) -> None:
        """Count the new steps of a row."""
        for step in row.trail[0 if before is None else len(before.trail) :]:
            self._world.steps[f"{type(row).__name__} {step.what}"] += 1
        last = row.trail[-1] if row.trail else None
        text = "" if last is None else f"{last.what} {last.detail}"
        self._world.note(f"{row.key[:14]} r{row.revision}", text)

    def _decided(self, row: Row, detail_type: str) -> None:
        identity = event_id(entity=row.key, detail_type=detail_type, version=row.outcomes)
        if identity in self.decided:
            self.report_violation(f"{self.one_content} {row.key}: two outcomes under one number")
        self.decided[identity] = (row.key, row.outcomes)
