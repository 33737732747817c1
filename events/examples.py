"""One example of each contract, from which its sample is made; every value is made up."""

from collections.abc import Mapping

from couponbus.domain.identity import event_id, issuance_id
from couponbus.domain.issuance import issuance_key
from couponbus.domain.program import OCCURRENCE

type Example = Mapping[str, object]

CUSTOMER, OFFER = 4001, 101
ISSUANCE = issuance_id(
    tenant="default", account="main", customer_id=CUSTOMER, offer_id=OFFER, occurrence=OCCURRENCE
)
ENTITY = issuance_key(ISSUANCE)
CUSTOMER_REF = "cus_EXAMPLEEXAMPLEEXAMPLEEXAMP"
SIGNUP = "signup-0001"
DECIDED = "2026-01-31T12:00:07Z"


def _metadata(detail_type: str, *, entity: str = ENTITY) -> Example:
    return {
        "id": event_id(entity=entity, detail_type=detail_type, version=1),
        "version": 1,
        "sequence": 1,
        "occurred_at": DECIDED,
        "tenant": "default",
    }


_ISSUANCE: Example = {
    "signup_id": SIGNUP,
    "program": "welcome",
    "account": "main",
    "customer_ref": CUSTOMER_REF,
}

EXAMPLES: Mapping[str, Example] = {
    "CustomerSignedUp": {
        "signup_id": SIGNUP,
        "occurred_at": "2026-01-31T12:00:00Z",
        "tenant": "default",
        "customer": {
            "coniq_customer_id": CUSTOMER,
            "email": "ada@customer.example",
            "birth_date": "1990-05-17",
        },
        "consents": ["marketing"],
        "attributes": {"country": "GB", "tier": "gold", "basket": 59.9, "newsletter": True},
    },
    "BarcodeIssued": {
        "metadata": _metadata("BarcodeIssued"),
        "data": {
            **_ISSUANCE,
            "issuance_id": ISSUANCE,
            "offer_id": OFFER,
            "channel": "MOBILE",
            "tracking_code": ISSUANCE,
            "barcode_masked": "************0042",
            "expires_on": "2026-03-02",
            "active": True,
            "origin": "issued",
        },
    },
    "BarcodeRefused": {
        "metadata": _metadata("BarcodeRefused"),
        "data": {
            **_ISSUANCE,
            "issuance_id": ISSUANCE,
            "offer_id": OFFER,
            "reason": "consent_missing",
        },
    },
    "BarcodeAmbiguous": {
        "metadata": _metadata("BarcodeAmbiguous"),
        "data": {
            **_ISSUANCE,
            "issuance_id": ISSUANCE,
            "offer_id": OFFER,
            "tracking_code": ISSUANCE,
            "reason": "several_found",
            "candidates_masked": ["************0042", "************0043"],
        },
    },
    "SignUpRejected": {
        "metadata": _metadata("SignUpRejected", entity="REJECTION#example"),
        "data": {
            "signup_id": SIGNUP,
            "reason": "schema",
            "fields": ["customer.coniq_customer_id"],
        },
    },
    "ContinueWork": {"type": "ContinueWork", "keys": [f"ISSUANCE#{ISSUANCE}"]},
    "QuarantineLetter": {
        "type": "QuarantineLetter",
        "reason": "schema",
        "fields": ["customer.coniq_customer_id"],
        "message_id": "00000000-0000-4000-8000-000000000005",
        "event_id": "00000000-0000-4000-8000-000000000006",
        "signup_id": SIGNUP,
        "sha256": "0" * 64,
        "size": 412,
        "received_at": DECIDED,
    },
}
