"""One example of each message about webhooks."""

from collections.abc import Mapping

from couponbus.domain.delivery import delivery_id_of, delivery_key
from couponbus.domain.endpoint import DisabledBecause, endpoint_key
from couponbus.domain.identity import event_id
from couponbus.domain.issuance import issuance_key
from events.example_facts import ISSUANCE, Example, fact

ENDPOINT = "ep_EXAMPLE"
ISSUED = event_id(entity=issuance_key(ISSUANCE), detail_type="BarcodeIssued", version=1)

WEBHOOKS: Mapping[str, Example] = {
    "EndpointDisabled": {
        "metadata": fact(
            "EndpointDisabled", entity=endpoint_key(ENDPOINT), at="2026-02-10T12:00:12Z"
        ),
        "data": {
            "endpoint_id": ENDPOINT,
            "description": "orders",
            "host": "hooks.shop.example",
            "reason": DisabledBecause.FAILING.value,
            "failing_since": "2026-02-05T11:58:40Z",
        },
    },
    "AttemptDeliveries": {
        "type": "AttemptDeliveries",
        "attempt": "first",
        "endpoint_id": ENDPOINT,
        "keys": [delivery_key(delivery_id_of(endpoint_id=ENDPOINT, event_id=ISSUED))],
    },
}
