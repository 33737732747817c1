"""Pseudonyms with a pepper that is no secret."""

from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.identity import customer_ref

PEPPER = "test-pepper-not-real"


class PlainPseudonyms:
    """The real names with a known pepper; a secret that cannot be read is `failure`."""

    def __init__(self) -> None:
        self.failure: SecretUnavailable | None = None

    def of(self, *, tenant: str, customer: str) -> str:
        if self.failure is not None:
            raise self.failure
        return customer_ref(pepper=PEPPER, tenant=tenant, customer=customer)
