"""How the steps of sending webhooks are put together; ports in, use case out."""

from couponbus.ports.shared import Executor, Quarantine
from couponbus.ports.webhooks import DeliveryQueue, EndpointPace, SigningKeys, Webhooks
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.quarantine import InvalidMessages
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from couponbus.usecases.webhooks.endpoint_health import EndpointHealth
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from couponbus.usecases.webhooks.park_deliveries import ParkingDeliveries
from couponbus.usecases.webhooks.prepare import PreparingAttempts
from couponbus.usecases.webhooks.send import SendWebhooks
from couponbus.usecases.webhooks.subscribers import Subscribers


def fan_out_webhooks(
    base: Foundation, *, deliveries: DeliveryQueue, quarantine: Quarantine
) -> FanOutWebhooks:
    """Return the fan-out from events to deliveries."""
    store = base.store
    return FanOutWebhooks(
        parking=ParkingDeliveries(store=store),
        subscribers=Subscribers(store=store),
        deliveries=deliveries,
        invalid_messages=_invalid_messages(base, quarantine),
        clock=base.clock,
        timing=base.timing,
    )


def deliver_webhooks(
    base: Foundation,
    *,
    webhooks: Webhooks,
    signing_keys: SigningKeys,
    pace: EndpointPace,
    quarantine: Quarantine,
    executor: Executor,
) -> DeliverWebhooks:
    """Return the sender."""
    store, clock, timing = base.store, base.clock, base.timing
    return DeliverWebhooks(
        store=store,
        parking=ParkingDeliveries(store=store),
        preparing=PreparingAttempts(store=store, signing_keys=signing_keys, pace=pace, clock=clock),
        attempting=SendWebhooks(webhooks=webhooks, executor=executor, clock=clock),
        health=EndpointHealth(store=store, clock=clock, timing=timing),
        invalid_messages=_invalid_messages(base, quarantine),
        clock=clock,
        timing=timing,
    )


def _invalid_messages(base: Foundation, quarantine: Quarantine) -> InvalidMessages:
    return InvalidMessages(store=base.store, queue=quarantine, clock=base.clock, timing=base.timing)
