"""The demo detects each way in which couponbus could break its promises about webhooks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from couponbus_sandbox.demo.part import of_the_webhooks
from couponbus_sandbox.demo.receivers import BUSY, ReceivedWebhook
from couponbus_sandbox.demo.webhook_checks import webhooks_checked
from couponbus_sandbox.demo.webhook_facts import WebhookFacts
from tests.sandbox.demo.webhook_facts import DISABLED, ISSUED, PAST, WEBHOOKS, received


def broken(facts: WebhookFacts) -> Mapping[str, int]:
    return {check.promise: check.broken for check in webhooks_checked(facts) if check.broken}


def received_by(**changes: Sequence[ReceivedWebhook]) -> WebhookFacts:
    return replace(WEBHOOKS, received={**WEBHOOKS.received, **changes})


def test_no_promise_is_broken_when_all_is_well() -> None:
    assert broken(WEBHOOKS) == {}


@pytest.mark.parametrize(
    ("promise", "facts"),
    [
        (
            "each event reaches the healthy endpoint",
            received_by(healthy=(received(ISSUED), received(PAST))),
        ),
        (
            "each event reaches the endpoint that failed for two days",
            received_by(failing=(received(ISSUED, answered=BUSY), received(DISABLED))),
        ),
        (
            "every signature is verified",
            received_by(gone=(replace(received(ISSUED), is_verified=False),)),
        ),
        (
            "a fact has the same webhook-id at each attempt and endpoint",
            received_by(gone=(replace(received(ISSUED), webhook_id="msg_another"),)),
        ),
        (
            "an endpoint that answers 410 is disabled, published once, left alone",
            replace(WEBHOOKS, disabled={}),
        ),
        (
            "an endpoint that answers 410 is disabled, published once, left alone",
            replace(WEBHOOKS, after_gone=1),
        ),
        (
            "a replay sends each event that it has counted",
            received_by(healthy=(received(ISSUED), received(DISABLED))),
        ),
        (
            "a replay sends each event that it has counted",
            replace(WEBHOOKS, planned=2),
        ),
        (
            "each delivery has ended",
            replace(WEBHOOKS, deliveries={("failing", "PENDING"): 1}),
        ),
        (
            "every queue of the webhooks is empty",
            replace(WEBHOOKS, left_over={"deliveries-dead": 1}),
        ),
    ],
)
def test_a_broken_promise_is_detected(promise: str, facts: WebhookFacts) -> None:
    assert broken(facts) == {promise: 1}


def test_the_table_shows_attempts_signatures_and_disabled_endpoints() -> None:
    console = Console(width=120)
    part = of_the_webhooks(WEBHOOKS, phases={"two days": 4.2})
    with console.capture() as captured:
        console.print(part.figures)

    lines = {" ".join(line.split()) for line in captured.get().splitlines()}
    assert "attempts 7 5 x 204, 1 x 410, 1 x 503" in lines
    assert "signatures verified 7 of 7" in lines
    assert "endpoints disabled 1 gone" in lines
    assert "endpoint failing 3 attempts, 2 accepted; at most 2 for one delivery" in lines
    assert part.broken == []
