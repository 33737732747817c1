"""Only on a laptop do webhooks stay on the machine, and only there can they reach it."""

from datetime import timedelta

import pytest

from couponbus.runtime.webhooks import webhook_sender
from tests.fakes.clock import NOON, ManualClock
from tests.integration.sockets import scripts
from tests.integration.sockets.server import faulty_server


@pytest.mark.parametrize(
    ("stage", "status", "failure"),
    [("local", 200, None), ("dev", None, "url_refused"), ("prod", None, "url_refused")],
)
def test_a_server_on_this_machine_is_reached_from_the_local_stage_alone(
    stage: str, status: int | None, failure: str | None
) -> None:
    sender = webhook_sender(stage=stage, clock=ManualClock())

    with faulty_server(scripts.answer()) as server:
        sent = sender.send(
            url=server.url, headers={}, body=b"{}", deadline=NOON + timedelta(seconds=3)
        )

    assert (sent.status, sent.failure) == (status, failure)
    assert len(server.requests) == (status is not None)
