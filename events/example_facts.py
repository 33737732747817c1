"""What all examples have in common: the customer, and the id of a fact."""

from collections.abc import Mapping

from couponbus.domain.identity import event_id, issuance_id
from couponbus.domain.issuing.program import OCCURRENCE

type Example = Mapping[str, object]

CUSTOMER, OFFER = 4001, 101
ISSUANCE = issuance_id(
    tenant="default", account="main", customer_id=CUSTOMER, offer_id=OFFER, occurrence=OCCURRENCE
)
CUSTOMER_REF = "cus_EXAMPLEEXAMPLEEXAMPLEEXAMP"
SIGNUP = "signup-0001"
DECIDED = "2026-01-31T12:00:07Z"


def fact(detail_type: str, *, entity: str, at: str, sequence: int = 1) -> Example:
    """Return the metadata of an outcome of this row."""
    return {
        "id": event_id(entity=entity, detail_type=detail_type, version=sequence),
        "version": 1,
        "sequence": sequence,
        "occurred_at": at,
        "tenant": "default",
    }
