"""The endpoints of tenants, and the events to which they subscribe."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.patterns.matcher import Matcher, compiled
from couponbus.domain.webhooks.directory import TenantEndpoints, directory_key
from couponbus.domain.webhooks.endpoint import Endpoint, EndpointState, endpoint_key
from couponbus.domain.webhooks.event_record import EventRecord
from couponbus.usecases.store import Store

PATTERNS_KEPT = 1024
DISABLING = "EndpointDisabled"  # by its name, as no function here makes such an event


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """The endpoints of tenants that are not removed, as far as they can be read.

    `incomplete` are the tenants who may have more: a row of theirs, in `broken`, cannot be read.
    """

    endpoints: Mapping[str, Sequence[Endpoint]]
    incomplete: frozenset[str]
    broken: frozenset[str] = frozenset()

    def of(self, tenant: str) -> Sequence[Endpoint]:
        """Return a tenant's endpoints in the order of adding."""
        return self.endpoints.get(tenant, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribers:
    """Reads endpoints each time, without a cache: nothing is sent to one that was paused."""

    store: Store

    def of(self, tenants: Iterable[str]) -> Subscribed:
        """Return the endpoints of these tenants. Raises LedgerUnavailable."""
        keys = {directory_key(tenant): tenant for tenant in tenants}
        listings = self.store.read(list(keys))
        directories = listings.of(TenantEndpoints)
        listed = {
            endpoint_key(one): each.directory_id
            for each in directories
            for one in each.endpoint_ids
        }
        rows = self.store.read(list(listed))
        found: dict[str, list[Endpoint]] = {each.directory_id: [] for each in directories}
        for key, row in rows.items():
            if isinstance(row, Endpoint) and row.state is not EndpointState.REMOVED:
                found[listed[key]].append(row)
        unread = [keys[key] for key in listings.broken] + [listed[key] for key in rows.broken]
        return Subscribed(
            endpoints=found,
            incomplete=frozenset(unread),
            broken=listings.broken | rows.broken,
        )


def wants(endpoint: Endpoint, event: EventRecord) -> bool:
    """Whether an endpoint is to get an event. Raises ConfigurationInvalid."""
    if endpoint.tenant != event.tenant:
        return False
    if event.only_for is not None:
        return event.only_for == endpoint.endpoint_id
    return not _is_about(event, endpoint) and _matcher(endpoint.pattern)(event.envelope)


def pattern_problem(text: str) -> str | None:
    """Return what is wrong with the text of a pattern, None for one that can be used."""
    try:
        _matcher(text)
    except ConfigurationInvalid as invalid:
        return str(invalid)
    return None


def _is_about(event: EventRecord, endpoint: Endpoint) -> bool:
    """Whether it says that this endpoint is disabled: it would be sent when that is resumed."""
    is_disabling = event.detail_type == DISABLING
    return is_disabling and event.data.get("endpoint_id") == endpoint.endpoint_id


@lru_cache(maxsize=PATTERNS_KEPT)
def _matcher(text: str) -> Matcher:
    try:
        pattern = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationInvalid("the pattern is no JSON") from None
    if not isinstance(pattern, dict):
        raise ConfigurationInvalid("the pattern is no JSON object")
    return compiled(pattern)
