"""Pseudonyms of customers, keyed with a pepper that only the functions can read."""

from dataclasses import dataclass
from typing import Protocol

from couponbus.domain.identity import customer_ref
from couponbus.domain.trace import trace_id_for


class _Secrets(Protocol):
    def get(self, secret_id: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PepperedPseudonyms:
    """`ports.Pseudonyms`: without the pepper an event cannot be traced to a customer."""

    secrets: _Secrets
    secret_id: str

    def of(self, *, tenant: str, customer: str) -> str:
        """Return the stable pseudonym. Raises SecretUnavailable."""
        return customer_ref(
            pepper=self.secrets.get(self.secret_id), tenant=tenant, customer=customer
        )

    def trace_id(self, *, tenant: str, signup_id: str) -> str:
        """Return the trace id of a sign-up that brings none. Raises SecretUnavailable."""
        return trace_id_for(
            pepper=self.secrets.get(self.secret_id), tenant=tenant, signup_id=signup_id
        )
