"""One example of each contract, from which its sample is made; every value is made up."""

from collections.abc import Mapping

from couponbus.domain.issuing.issuance import issuance_key
from events.example_facts import (
    CUSTOMER,
    CUSTOMER_REF,
    DECIDED,
    ISSUANCE,
    OFFER,
    SIGNUP,
    Example,
    fact,
)
from events.examples_of_commands import COMMANDS
from events.examples_of_polling import POLLING
from events.examples_of_webhooks import WEBHOOKS

ENTITY = issuance_key(ISSUANCE)

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
        "metadata": fact("BarcodeIssued", entity=ENTITY, at=DECIDED),
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
        "metadata": fact("BarcodeRefused", entity=ENTITY, at=DECIDED),
        "data": {
            **_ISSUANCE,
            "issuance_id": ISSUANCE,
            "offer_id": OFFER,
            "reason": "consent_missing",
        },
    },
    "BarcodeAmbiguous": {
        "metadata": fact("BarcodeAmbiguous", entity=ENTITY, at=DECIDED),
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
        "metadata": fact("SignUpRejected", entity="REJECTION#example", at=DECIDED),
        "data": {
            "signup_id": SIGNUP,
            "reason": "schema",
            "fields": ["customer.coniq_customer_id"],
        },
    },
    "SignUpUnmatched": {
        "metadata": fact("SignUpUnmatched", entity="TALLY#example", at=DECIDED),
        "data": {
            "origin": "shop",
            "since": "2026-01-31T12:00:00Z",
            "number": 1,
            "kept": 1,
            "signup_id": SIGNUP,
        },
    },
    **POLLING,
    **WEBHOOKS,
    **COMMANDS,
}
