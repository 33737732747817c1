"""A sign-up of a tenant that its source may not name is rejected, and nothing is issued."""

import json

import pytest

from couponbus.domain.issuing.issuance import IssuanceState
from couponbus.domain.tenancy import Tenancy
from couponbus.events.sign_up_rejected import SignUpRejected
from couponbus.usecases.invocation import Metric
from couponbus.usecases.messages import Message
from tests.unit.usecases.world import World

RULES = Tenancy(by_source={"shop.acme": ("acme",)})


def sign_up(source: str | None, tenant: object) -> Message:
    detail = {
        "signup_id": "s-1",
        "tenant": tenant,
        "occurred_at": "2026-06-01T11:59:00Z",
        "customer": {"coniq_customer_id": 42},
    }
    event = {"source": source, "detail-type": "CustomerSignedUp", "detail": detail}
    return Message(message_id="m-1", body=json.dumps(event if source else detail))


def restricted() -> World:
    return World(tenancy=RULES)


def test_a_tenant_that_the_source_may_name_is_served() -> None:
    world = restricted()

    world.handle(sign_up("shop.acme", "acme"))

    assert (world.issuance.tenant, world.issuance.state) == ("acme", IssuanceState.ISSUED)


@pytest.mark.parametrize(
    ("source", "tenant"),
    [("shop.acme", "other"), ("shop.acme", "default"), ("webhook", "acme"), (None, "acme")],
)
def test_another_tenant_is_rejected_and_nothing_is_issued(source: str | None, tenant: str) -> None:
    world = restricted()

    report = world.handle(sign_up(source, tenant))
    world.publish()

    (event,) = [one for one in world.bus.events if isinstance(one, SignUpRejected)]
    (letter,) = world.quarantine.letters
    assert (report.failed, report.metrics[Metric.QUARANTINED]) == ([], 1)
    assert (event.data.reason, event.data.fields) == ("tenant_not_allowed", ["tenant"])
    assert (event.data.signup_id, event.metadata.tenant) == ("s-1", "default")
    assert letter.reason == "tenant_not_allowed"
    assert world.issuances == []


def test_what_is_no_tenant_is_rejected_as_such() -> None:
    world = restricted()

    world.handle(sign_up("shop.acme", 7))

    (letter,) = world.quarantine.letters
    assert letter.reason == "schema"


def test_without_rules_any_tenant_is_served() -> None:
    world = World()

    world.handle(sign_up("webhook", "acme"))

    assert world.issuance.tenant == "acme"
