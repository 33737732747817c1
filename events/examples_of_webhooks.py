"""One example of each message about webhooks."""

from collections.abc import Mapping

from couponbus.domain.identity import event_id
from couponbus.domain.issuing.issuance import issuance_key
from couponbus.domain.webhooks.delivery import delivery_id_of, delivery_key
from couponbus.domain.webhooks.endpoint import DisabledBecause, endpoint_key
from couponbus.events.endpoints import SOURCE
from events.example_facts import ISSUANCE, Example, fact

ENDPOINT = "ep_EXAMPLE"
TRIED_AT = "2026-02-10T12:00:00Z"
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

# What was never on the bus: the whole body.
UNPUBLISHED: Mapping[str, Example] = {
    "EndpointTest": {
        "type": "EndpointTest",
        "timestamp": TRIED_AT,
        "source": SOURCE,
        "metadata": fact("EndpointTest", entity=endpoint_key(ENDPOINT), at=TRIED_AT),
        "data": {"endpoint_id": ENDPOINT, "description": "orders"},
    },
}
