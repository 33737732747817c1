"""What an operator does with endpoints; their secrets are kept by the caller."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.copying import replace
from couponbus.domain.errors import InputRejected, LedgerUnavailable, TransitionRefused
from couponbus.domain.row import Row
from couponbus.domain.webhooks.directory import TenantEndpoints, directory_key
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, Scope, endpoint_key
from couponbus.ports.shared import Clock
from couponbus.usecases.messages import name_of
from couponbus.usecases.store import CONFLICT_TRIES, Store
from couponbus.usecases.webhooks.subscribers import Subscribers, pattern_problem

# How long a sender may still sign with the secret of a removed endpoint of the same id.
SECRETS_KEPT = timedelta(minutes=10)
RATES = range(1, 1001)
DESCRIPTION_MAX = 200
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """An endpoint as an operator wants it; the caller has checked that its URL may be called."""

    endpoint_id: str
    tenant: str
    url: str
    description: str
    pattern: str
    scopes: tuple[str, ...]
    rate: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagingEndpoints:
    """Changes endpoints under the optimistic lock: a faster operator is not overwritten."""

    store: Store
    clock: Clock

    def add(self, spec: EndpointSpec) -> Endpoint:
        """Store a new endpoint, and list it among those of its tenant.

        Raises InputRejected, TransitionRefused when there is one of this id, or too many, and
        LedgerUnavailable.
        """
        require_valid(spec)
        for _ in range(CONFLICT_TRIES):
            rows = self.store.read([directory_key(spec.tenant), endpoint_key(spec.endpoint_id)])
            stored = rows.get(endpoint_key(spec.endpoint_id))
            _require_free(stored, spec, now=self.clock.now())
            directory = rows.get(directory_key(spec.tenant))
            if not isinstance(directory, TenantEndpoints):
                directory = TenantEndpoints(directory_id=spec.tenant)
            endpoint = self._new(spec, over=stored if isinstance(stored, Endpoint) else None)
            listed = directory.having(spec.endpoint_id)
            if not self.store.write_together([endpoint, listed]).conflicts:
                return endpoint
        raise LedgerUnavailable(
            f"the endpoints of tenant {spec.tenant} changed concurrently,"
            f" {CONFLICT_TRIES} tries failed"
        )

    def listed(self, tenant: str) -> Sequence[Endpoint]:
        """Return a tenant's endpoints in the order of adding. Raises LedgerUnavailable."""
        return Subscribers(store=self.store).of([tenant]).of(tenant)

    def found(self, endpoint_id: str) -> Endpoint:
        """Return an endpoint. Raises TransitionRefused when there is none, LedgerUnavailable."""
        row = self.store.read([endpoint_key(endpoint_id)]).get(endpoint_key(endpoint_id))
        if not isinstance(row, Endpoint) or row.state is EndpointState.REMOVED:
            raise TransitionRefused(f"there is no endpoint {endpoint_id}")
        return row

    def pause(self, endpoint_id: str) -> Endpoint:
        """Keep its deliveries for later. Raises TransitionRefused, LedgerUnavailable."""
        return self._changed(endpoint_id, lambda one: one.paused(now=self.clock.now()))

    def resume(self, endpoint_id: str) -> Endpoint:
        """Send again. Raises TransitionRefused, LedgerUnavailable."""
        return self._changed(endpoint_id, lambda one: one.resumed(now=self.clock.now()))

    def note_rotation(self, endpoint_id: str) -> Endpoint:
        """Note that there is a new secret. Raises TransitionRefused, LedgerUnavailable."""
        return self._changed(endpoint_id, lambda one: one.rotated(now=self.clock.now()))

    def remove(self, endpoint_id: str) -> Endpoint:
        """Send nothing more, and forget the URL. Raises TransitionRefused, LedgerUnavailable."""
        for _ in range(CONFLICT_TRIES):
            endpoint = self.found(endpoint_id)
            key = directory_key(endpoint.tenant)
            directory = self.store.read([key]).get(key)
            rows: list[Endpoint | TenantEndpoints] = [endpoint.removed(now=self.clock.now())]
            if isinstance(directory, TenantEndpoints):
                rows.append(directory.without(endpoint_id))
            if not self.store.write_together(rows).conflicts:
                return endpoint
        raise LedgerUnavailable(
            f"endpoint {endpoint_id} changed concurrently, {CONFLICT_TRIES} tries failed"
        )

    def _new(self, spec: EndpointSpec, *, over: Endpoint | None) -> Endpoint:
        fresh = Endpoint(
            endpoint_id=spec.endpoint_id,
            tenant=spec.tenant,
            url=spec.url,
            description=spec.description,
            pattern=spec.pattern,
            scopes=spec.scopes,
            rate=spec.rate,
            created_at=self.clock.now(),
        )
        if over is None:
            return fresh
        # Outcomes go on counting: the next disabling must not have the id of one before. One that
        # is not published yet is still due.
        return replace(
            fresh,
            revision=over.revision,
            write_id=over.write_id,
            outcomes=over.outcomes,
            published=over.published,
            published_at=over.published_at,
            due_at=over.due_at,
            disabling=over.disabling,
        )

    def _changed(self, endpoint_id: str, change: Callable[[Endpoint], Endpoint]) -> Endpoint:
        for _ in range(CONFLICT_TRIES):
            changed = change(self.found(endpoint_id))
            if self.store.put(changed):
                return changed
        raise LedgerUnavailable(
            f"endpoint {endpoint_id} changed concurrently, {CONFLICT_TRIES} tries failed"
        )


def require_valid(spec: EndpointSpec) -> None:
    """Raise InputRejected, with the invalid field, for a spec that cannot be fulfilled."""
    if not _ID.fullmatch(spec.endpoint_id):
        raise InputRejected("use a-z, 0-9 and - for the id, at most 63", fields=("id",))
    if name_of(spec.tenant) is None:
        raise InputRejected("use 1 to 128 visible characters", fields=("tenant",))
    if problem := pattern_problem(spec.pattern):
        raise InputRejected(problem, fields=("events",))
    unknown = [scope for scope in spec.scopes if scope not in tuple(Scope)]
    if unknown:
        raise InputRejected(f"the scopes are {', '.join(Scope)}", fields=("scopes",))
    if spec.rate is not None and spec.rate not in RATES:
        raise InputRejected("use 1 to 1000 deliveries a second", fields=("rate",))
    if len(spec.description) > DESCRIPTION_MAX or not spec.description.isprintable():
        raise InputRejected("use at most 200 printable characters", fields=("description",))


def _require_free(stored: Row | None, spec: EndpointSpec, *, now: datetime) -> None:
    if not isinstance(stored, Endpoint):
        return
    if stored.state is not EndpointState.REMOVED:
        raise TransitionRefused(f"{stored.key} is there already")
    if stored.tenant != spec.tenant:
        # Its deliveries may still wait, and must not reach another tenant.
        raise TransitionRefused(f"{stored.key} was an endpoint of another tenant")
    if stored.changed_at is not None and now < stored.changed_at + SECRETS_KEPT:
        raise TransitionRefused(
            f"{stored.key} was removed less than ten minutes ago, and its old secret may still be"
            " in use: take another id, or wait"
        )
