"""Pseudonyms of customers, keyed with a pepper that only the functions know."""

from typing import Protocol

from couponbus.domain.identity import customer_ref


class _Secrets(Protocol):
    def get(self, secret_id: str) -> str: ...


class PepperedPseudonyms:
    """Whoever has an event but not the pepper cannot tell whose it is."""

    def __init__(self, *, secrets: _Secrets, secret_id: str) -> None:
        """Take the pepper from this secret."""
        self._secrets = secrets
        self._secret_id = secret_id

    def of(self, *, tenant: str, customer: str) -> str:
        """Return the stable pseudonym. Raises SecretUnavailable."""
        return customer_ref(
            pepper=self._secrets.get(self._secret_id), tenant=tenant, customer=customer
        )
