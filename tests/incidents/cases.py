"""All incidents by their names."""

from collections.abc import Mapping

from tests.incidents import (
    bus_incidents,
    coniq_incidents,
    incoming_incidents,
    ledger_incidents,
    our_incidents,
    polling_incidents,
    webhook_incidents,
)
from tests.incidents.incident import Incident

INCIDENTS: Mapping[str, Incident] = {
    one.name: one
    for one in (
        *coniq_incidents.INCIDENTS,
        *our_incidents.INCIDENTS,
        *bus_incidents.INCIDENTS,
        *ledger_incidents.INCIDENTS,
        *incoming_incidents.INCIDENTS,
        *polling_incidents.INCIDENTS,
        *webhook_incidents.INCIDENTS,
    )
}
