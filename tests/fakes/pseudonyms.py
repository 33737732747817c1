"""Pseudonyms with a pepper that is no secret."""

from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.identity import customer_ref
from couponbus.domain.trace import trace_id_for

PEPPER = "test-pepper-not-real"


class PlainPseudonyms:
    """The real names with a known pepper; a secret that cannot be read is `failure`.

    `asked` counts the trace ids that were asked for.
    """

    def __init__(self) -> None:
        self.failure: SecretUnavailable | None = None
        self.asked = 0

    def of(self, *, tenant: str, customer: str) -> str:
        if self.failure is not None:
            raise self.failure
        return customer_ref(pepper=PEPPER, tenant=tenant, customer=customer)

    def trace_id(self, *, tenant: str, signup_id: str) -> str:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return trace_id_for(pepper=PEPPER, tenant=tenant, signup_id=signup_id)
