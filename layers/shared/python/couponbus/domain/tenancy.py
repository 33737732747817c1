"""Which tenants a sign-up may name: one barcode is promised only within a tenant."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

DEFAULT_TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """`by_source` has the tenants that each event source may name.

    If it is empty, any source may name any tenant; otherwise an unlisted one only `default`.
    """

    by_source: Mapping[str, Collection[str]]

    def allows(self, *, source: str | None, tenant: str) -> bool:
        """Whether sign-ups of this source may be of this tenant."""
        if not self.by_source:
            return True
        return tenant in self.by_source.get(source or "", (DEFAULT_TENANT,))


ANY_TENANT = Tenancy(by_source={})
