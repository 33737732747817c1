"""The endpoints of a tenant: two reads find them all."""

from dataclasses import dataclass
from typing import Self

from couponbus.domain.copying import replace
from couponbus.domain.errors import TransitionRefused
from couponbus.domain.row import Row

# As many as one secret of 64 KB surely holds, the longest ids and a rotation of all included.
ENDPOINTS_MAX = 200


@dataclass(frozen=True, kw_only=True)  # no slots: see `copying`
class TenantEndpoints(Row):
    """One row per tenant, there since its first endpoint."""

    directory_id: str
    endpoint_ids: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where the ledger keeps it."""
        return directory_key(self.directory_id)

    def having(self, endpoint_id: str) -> Self:
        """Add an endpoint. Raises TransitionRefused when there are too many."""
        if len(self.endpoint_ids) >= ENDPOINTS_MAX:
            raise TransitionRefused(
                f"tenant {self.directory_id} has {ENDPOINTS_MAX} endpoints, the most that are"
                " served: remove one that is not needed, or have one receiver pass events on"
            )
        return replace(self, endpoint_ids=(*self.endpoint_ids, endpoint_id))

    def without(self, endpoint_id: str) -> Self:
        """Remove an endpoint."""
        left = tuple(one for one in self.endpoint_ids if one != endpoint_id)
        return replace(self, endpoint_ids=left)


def directory_key(tenant: str) -> str:
    """Return where the ledger keeps a tenant's directory."""
    return f"DIRECTORY#{tenant}"
