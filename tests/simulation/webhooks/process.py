"""Processes that create and send deliveries: wired as in production, over simulated ports."""

from dataclasses import dataclass

from couponbus.ports.webhooks import DeliveryQueue
from couponbus.usecases.webhooks import assembly as webhook_assembly
from couponbus.usecases.webhooks.deliver_webhooks import DeliverWebhooks
from couponbus.usecases.webhooks.fan_out_webhooks import FanOutWebhooks
from couponbus.usecases.webhooks.manage_endpoints import ManagingEndpoints
from couponbus.usecases.webhooks.replay import Replaying
from tests.simulation.ports import SkewedClock
from tests.simulation.process import Ground
from tests.simulation.webhooks.ports import SharedPaces, SimulatedHistory
from tests.simulation.webhooks.receivers import Receivers
from tests.simulation.webhooks.threads import SimulatedThreads
from tests.simulation.webhooks.vault import Vault, signing_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookGround(Ground):
    """What all processes share that deal with webhooks."""

    deliveries: DeliveryQueue
    receivers: Receivers
    vault: Vault
    paces: SharedPaces

    def fan_out(self) -> FanOutWebhooks:
        return webhook_assembly.fan_out_webhooks(
            self.base, deliveries=self.deliveries, quarantine=self.quarantine
        )

    def sender(self) -> DeliverWebhooks:
        return webhook_assembly.deliver_webhooks(
            self.base,
            webhooks=self.receivers,
            signing_keys=signing_keys(self.world, self.vault),
            pace=self.paces,
            quarantine=self.quarantine,
            executor=SimulatedThreads(self.world),
        )

    def managing(self) -> ManagingEndpoints:
        return ManagingEndpoints(store=self.base.store, clock=SkewedClock(self.world))

    def replaying(self) -> Replaying:
        return Replaying(
            store=self.base.store,
            history=SimulatedHistory(self.world, self.ledger),
            clock=SkewedClock(self.world),
        )
