"""The providers behind the port: the truth at the moment of the poll, maybe late or damaged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
)
from couponbus.domain.polling.poll_policy import ListFilter
from couponbus.domain.polling.redemption import RedemptionList
from couponbus.domain.polling.snapshot import Snapshot, snapshot_of_offers, snapshot_of_redemptions
from couponbus.domain.provider import Provider
from tests.simulation.polling.damage import damaged
from tests.simulation.polling.glitches import Glitches
from tests.simulation.polling.kinds import GLITCHES, LATE, ODD, REFUSALS
from tests.simulation.polling.truth import Answer, Place, Truth
from tests.simulation.ports import SkewedClock
from tests.simulation.world import Invocation, World

LATEST = 12.0  # seconds, longer than any caller waits
WAITS = (None, 1.0, 40.0)
ODD_CODES = (301, 302)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One answer to a poll: when it was true, which invocation polled, and what it showed."""

    at: float
    by: Invocation
    place: Place
    snapshot: Snapshot
    damage: str


class PollObserver(Protocol):
    """Sees each poll and its answer."""

    def asking(self, place: Place) -> None: ...

    def polled(self, poll: Poll) -> None: ...


class SimulatedRedemptions:
    """The port Redemptions; answers take up to `late` seconds."""

    def __init__(
        self,
        world: World,
        truths: Sequence[Truth],
        *,
        observer: PollObserver,
        glitches: Glitches,
        late: float,
        outages: Mapping[Provider, tuple[float, float]],
    ) -> None:
        self._world = world
        self._clock = SkewedClock(world)
        self._truths = {truth.place: truth for truth in truths}
        self._observer = observer
        self._late = late
        self._outages = outages
        self._glitches = glitches

    def poll(
        self,
        *,
        provider: Provider,
        account: str,
        promotion: str | None,
        user_id: str,
        list_filter: ListFilter | None,
        deadline: datetime,
    ) -> Snapshot:
        del list_filter
        truth = self._truths[provider, account, promotion, user_id]
        ends = self._world.now + (deadline - self._clock.now()).total_seconds()
        self._observer.asking(truth.place)
        fault = self._world.call("redemptions.poll")
        if fault in REFUSALS:
            self._refuse(fault, provider, ends)
        if self._is_down(provider):
            self._refuse("500", provider, ends)
        at = self._world.now
        snapshot, damage = self._seen(truth)
        self._world.pause((LATEST if fault == LATE else self._late) * self._world.weather.random())
        self._world.answer(fault)
        if self._world.now > ends:
            raise _error(ProviderUnavailable, "read_timeout", provider)
        if damage in ("", ODD):
            self._glitches.was_whole(truth.place)
        poll = Poll(
            at=at, by=self._world.current(), place=truth.place, snapshot=snapshot, damage=damage
        )
        self._observer.polled(poll)
        return snapshot

    def _seen(self, truth: Truth) -> tuple[Snapshot, str]:
        whole = truth.answer(self._world.now)
        kind = self._world.chance("redemptions.answer")
        if kind is None or (kind in GLITCHES and not self._glitches.may_lack(truth.place)):
            return _snapshot(whole), ""
        answer = damaged(whole, kind, self._world.weather)
        if answer is whole:
            return _snapshot(whole), ""
        self._world.steps[f"shown {kind}"] += 1
        if kind in GLITCHES:
            self._glitches.lacked(truth.place)
        return _snapshot(answer), kind

    def _is_down(self, provider: Provider) -> bool:
        begins, ends = self._outages.get(provider, (0.0, 0.0))
        return begins <= self._world.now < ends

    def _refuse(self, fault: str, provider: Provider, ends: float) -> None:
        if fault == "timeout":
            self._world.pause(ends - self._world.now)
        self._world.answer(None)
        raise _REFUSALS[fault](provider, self._world.weather.choice(WAITS))


def _snapshot(answer: Answer) -> Snapshot:
    if isinstance(answer, RedemptionList):
        return snapshot_of_redemptions(answer)
    return snapshot_of_offers(answer)


def _error[E: ProviderError](
    kind: type[E], reason: str, provider: Provider, *, status: int | None = None
) -> E:
    return kind(reason, provider=provider.value, route="/", status=status)


def _busy(provider: Provider, retry_after: float | None) -> ProviderError:
    error = _error(ProviderBusy, "status_429", provider, status=429)
    error.retry_after = retry_after
    return error


def _unknown(provider: Provider, _: float | None) -> ProviderError:
    error = _error(RequestRefused, "status_404", provider, status=404)
    error.codes = ODD_CODES
    return error


def _plainly(
    kind: type[ProviderError], reason: str, *, status: int | None
) -> Callable[[Provider, float | None], ProviderError]:
    return lambda provider, _: _error(kind, reason, provider, status=status)


_REFUSALS: dict[str, Callable[[Provider, float | None], ProviderError]] = {
    "429": _busy,
    "404": _unknown,
    "500": _plainly(ProviderUnavailable, "status_500", status=500),
    "401": _plainly(CredentialsRefused, "status_401", status=401),
    "unreadable": _plainly(ContractBroken, "unreadable_answer", status=200),
    "timeout": _plainly(ProviderUnavailable, "read_timeout", status=None),
}
