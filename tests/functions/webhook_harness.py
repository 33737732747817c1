"""Webhooks on fakes, at the real time, because handlers read the real clock."""

from datetime import UTC, datetime

from tests.unit.usecases.webhooks.webhook_world import WebhookWorld


class WebhookHarness(WebhookWorld):
    """A webhook world with one endpoint that subscribes to everything."""

    def __init__(self) -> None:
        super().__init__()
        self.clock.pass_time((datetime.now(UTC) - self.clock.now()).total_seconds())
        self.has(self.make())
