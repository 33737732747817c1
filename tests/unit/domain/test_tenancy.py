"""Which tenants a source may name."""

import pytest

from couponbus.domain.tenancy import ANY_TENANT, Tenancy

RULES = Tenancy(by_source={"shop.acme": ("acme",), "crm": ("acme", "default")})


@pytest.mark.parametrize(
    ("source", "tenant", "allowed"),
    [
        ("shop.acme", "acme", True),
        ("shop.acme", "default", False),
        ("shop.acme", "other", False),
        ("crm", "default", True),
        ("crm", "acme", True),
        ("webhook", "default", True),
        ("webhook", "acme", False),
        (None, "default", True),
        (None, "acme", False),
    ],
)
def test_a_source_may_name_its_own_tenants(
    *, source: str | None, tenant: str, allowed: bool
) -> None:
    assert RULES.allows(source=source, tenant=tenant) is allowed


def test_without_rules_any_source_may_name_any_tenant() -> None:
    assert ANY_TENANT.allows(source="webhook", tenant="acme")
