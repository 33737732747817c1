"""Operators: each carries out its task, and repeats it when it was interrupted."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState
from couponbus.usecases.webhooks.manage_endpoints import EndpointSpec
from couponbus.usecases.webhooks.replay_selection import Selection, Which
from tests.simulation.ledger import Change
from tests.simulation.settings import LIMIT
from tests.simulation.webhooks.process import WebhookGround
from tests.simulation.webhooks.scenario import OperatorTask, Subscriber, Task
from tests.simulation.webhooks.vault import OVERLAP, REMEMBERED
from tests.simulation.world import BEGIN, Invocation

AGAIN = (2.0, 60.0)
PATIENCE = 3  # times that a disabled endpoint is resumed
WAKING = 50  # deliveries a second
MARGIN = 600.0  # seconds before the end of an old secret, by which a receiver has changed


class Operators:
    """`at_work` operators are busy; `woken` is when all that waits was sent, by endpoint."""

    def __init__(self, ground: WebhookGround, subscribers: Sequence[Subscriber]) -> None:
        self.at_work = 0
        self.woken: dict[str, list[float]] = {}
        self._ground = ground
        self._subscribers = {one.endpoint_id: one for one in subscribers}
        self._patience = dict.fromkeys(self._subscribers, PATIENCE)
        self._tasks: Mapping[Task, Callable[[str], None]] = {
            Task.ADD: self._add,
            Task.PAUSE: self._pause,
            Task.RESUME: self._resume,
            Task.REMOVE: self._remove,
            Task.ROTATE: self._rotate,
        }

    def expect(self, planned: OperatorTask) -> None:
        """Schedule a task."""
        self.do(planned.at, lambda: self._tasks[planned.task](planned.endpoint_id))

    def changed(self, change: Change) -> None:
        """Have a disabled endpoint resumed, if the scenario says so."""
        row = change.row
        if not isinstance(row, Endpoint) or row.state is not EndpointState.DISABLED:
            return
        before = change.before
        was_disabled = isinstance(before, Endpoint) and before.state is EndpointState.DISABLED
        after = self._subscribers[row.endpoint_id].resumed_after
        if after is not None and not was_disabled and self._patience[row.endpoint_id] > 0:
            self._patience[row.endpoint_id] -= 1
            self.do(change.at + after, lambda: self._resume(row.endpoint_id))

    def do(self, at: float, work: Callable[[], None]) -> None:
        """Run `work` at a time, and repeat it until it succeeds."""
        self.at_work += 1
        self._ground.world.at(at, lambda: self._try(work))

    def _try(self, work: Callable[[], None]) -> None:
        world = self._ground.world

        def ended(invocation: Invocation) -> None:
            if invocation.dead or invocation.error is not None:
                world.after(world.weather.uniform(*AGAIN), lambda: self._try(work))
            else:
                self.at_work -= 1

        world.start(name="operator", work=work, skew=0.0, lasts=10 * LIMIT, ended=ended)

    def _add(self, endpoint_id: str) -> None:
        made = self._ground.vault.of(endpoint_id)  # by an interrupted try
        text = made[0].text if made else self._ground.vault.put_new(endpoint_id)
        self._ground.receivers.secrets[endpoint_id] = text
        one = self._subscribers[endpoint_id]
        with suppress(TransitionRefused):  # it was added, but the answer was lost
            self._ground.managing().add(
                EndpointSpec(
                    endpoint_id=endpoint_id,
                    tenant=one.tenant,
                    url=one.url,
                    description=f"the one of {one.tenant}",
                    pattern=one.filter.pattern,
                    scopes=one.scopes,
                    rate=one.rate,
                )
            )

    def _pause(self, endpoint_id: str) -> None:
        with suppress(TransitionRefused):
            self._ground.managing().pause(endpoint_id)

    def _remove(self, endpoint_id: str) -> None:
        with suppress(TransitionRefused):
            self._ground.managing().remove(endpoint_id)

    def _resume(self, endpoint_id: str) -> None:
        """Resume an endpoint, and send what was parked meanwhile."""
        managing = self._ground.managing()
        with suppress(TransitionRefused):
            managing.resume(endpoint_id)
        with suppress(TransitionRefused):
            endpoint = managing.found(endpoint_id)
            if endpoint.state is not EndpointState.ACTIVE:
                return
            held = Selection(
                tenant=endpoint.tenant,
                since=BEGIN,
                until=self._ground.world.moment(),
                endpoint_ids=frozenset({endpoint_id}),
                which=Which.HELD,
            )
            self._ground.replaying().wake(held, rate=WAKING)
            self.woken.setdefault(endpoint_id, []).append(self._ground.world.now)

    def _rotate(self, endpoint_id: str) -> None:
        """Make a new secret; its receiver changes to it some time before the old one ends."""
        ground, world = self._ground, self._ground.world
        managing, vault = ground.managing(), ground.vault
        known = ground.receivers.secrets.get(endpoint_id)
        until = next((one.until for one in vault.of(endpoint_id) if one.text == known), 0.0)
        earliest = world.now + REMEMBERED
        latest = min(until, world.now + OVERLAP.total_seconds()) - MARGIN
        if latest < earliest:
            return  # the last rotation is not over
        with suppress(TransitionRefused):
            managing.found(endpoint_id)
            text = vault.put_new(endpoint_id)
            changes_at = world.weather.uniform(earliest, latest)
            world.at(changes_at, lambda: self._change(endpoint_id, text))
            managing.note_rotation(endpoint_id)

    def _change(self, endpoint_id: str, text: str) -> None:
        """Let a receiver use a secret, unless it knows a newer one."""
        newest_first = [one.text for one in self._ground.vault.of(endpoint_id)]
        known = self._ground.receivers.secrets[endpoint_id]
        if newest_first.index(text) < newest_first.index(known):
            self._ground.receivers.secrets[endpoint_id] = text
