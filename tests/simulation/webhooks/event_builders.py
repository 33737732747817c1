"""Builders of published events: decided rows, and events that come on the bus as they are."""

from datetime import datetime, timedelta

from couponbus.domain.identity import customer_ref, digest, event_id
from couponbus.domain.issuing.barcode import Barcode, Channel
from couponbus.domain.issuing.issuance import Issuance, Origin
from couponbus.events.base import Metadata
from couponbus.events.sign_up_rejected import RejectedData, SignUpRejected
from tests.simulation.ports import PEPPER
from tests.simulation.webhooks.scenario import Kind, PlannedEvent

PUBLISH_GRACE = timedelta(seconds=45)
PEOPLE = 3


def decided(planned: PlannedEvent, *, now: datetime) -> Issuance:
    """Return the row whose outcome is published."""
    issuance_id = digest("simulated issuance", planned.number)
    customer = planned.number % PEOPLE
    row = Issuance(
        issuance_id=issuance_id,
        tenant=planned.tenant,
        account="north",
        program=planned.program,
        customer_id=customer,
        offer_id=planned.number,
        channel=Channel.MAIL,
        tracking_code=issuance_id,
        signup_id=f"signup-{planned.number}",
        signed_up_at=now,
        customer_ref=customer_ref(pepper=PEPPER, tenant=planned.tenant, customer=str(customer)),
    )
    publish_by = now + PUBLISH_GRACE
    if planned.kind is Kind.REFUSED:
        return row.rejected(reason="not_eligible", now=now, publish_by=publish_by)
    barcode = Barcode(
        number=planned.barcode,
        offer_id=planned.number,
        customer_id=customer,
        channel=Channel.MAIL.value,
        tracking_code=issuance_id,
        image_url=None,
        active=True,
        expires_on=None,
        created_at=now,
    )
    return row.issued(barcode=barcode, origin=Origin.ISSUED, now=now, publish_by=publish_by)


def rejection(planned: PlannedEvent, *, now: datetime) -> SignUpRejected:
    """Return the event about a quarantined sign-up; no row of this run owes it."""
    identity = event_id(
        entity=f"REJECTION#{planned.number}", detail_type=SignUpRejected.detail_type, version=1
    )
    return SignUpRejected(
        metadata=Metadata(
            id=identity, version=1, sequence=1, occurred_at=now, tenant=planned.tenant
        ),
        # Not ASCII: the signature covers bytes.
        data=RejectedData(signup_id=f"Anmeldung-Nº{planned.number}", reason="schema", fields=["a"]),
    )
