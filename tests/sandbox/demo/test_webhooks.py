"""The demo notices each way in which couponbus could break its promises about webhooks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from rich.console import Console

from couponbus_sandbox.demo.part import of_the_webhooks
from couponbus_sandbox.demo.receivers import BUSY, Heard
from couponbus_sandbox.demo.webhook_checks import webhooks_checked
from couponbus_sandbox.demo.webhook_facts import WebhookFacts
from tests.sandbox.demo.webhook_facts import DISABLED, ISSUED, PAST, WEBHOOKS, heard


def broken(facts: WebhookFacts) -> Mapping[str, int]:
    return {check.promise: check.broken for check in webhooks_checked(facts) if check.broken}


def heard_by(**changes: Sequence[Heard]) -> WebhookFacts:
    return replace(WEBHOOKS, heard={**WEBHOOKS.heard, **changes})


def test_nothing_is_broken_when_all_is_well() -> None:
    assert broken(WEBHOOKS) == {}


@pytest.mark.parametrize(
    ("promise", "facts"),
    [
        (
            "each event reaches the endpoint that is well",
            heard_by(healthy=(heard(ISSUED), heard(PAST))),
        ),
        (
            "each reaches the one that failed for two days",
            heard_by(failing=(heard(ISSUED, answered=BUSY), heard(DISABLED))),
        ),
        (
            "every signature is verified",
            heard_by(gone=(replace(heard(ISSUED), is_verified=False),)),
        ),
        (
            "a fact has the same webhook-id at each attempt and endpoint",
            heard_by(gone=(replace(heard(ISSUED), webhook_id="msg_another"),)),
        ),
        (
            "who answers 410 is disabled, told of once, and left alone",
            replace(WEBHOOKS, disabled={}),
        ),
        (
            "who answers 410 is disabled, told of once, and left alone",
            replace(WEBHOOKS, after_gone=1),
        ),
        (
            "whoever comes late is told what was counted, and no less",
            heard_by(healthy=(heard(ISSUED), heard(DISABLED))),
        ),
        (
            "whoever comes late is told what was counted, and no less",
            replace(WEBHOOKS, planned=2),
        ),
        (
            "each delivery has come to its end",
            replace(WEBHOOKS, deliveries={("failing", "PENDING"): 1}),
        ),
        (
            "no queue of the webhooks holds anything back",
            replace(WEBHOOKS, left_over={"deliveries-dead": 1}),
        ),
    ],
)
def test_a_broken_promise_is_noticed(promise: str, facts: WebhookFacts) -> None:
    assert broken(facts) == {promise: 1}


def test_the_table_shows_attempts_signatures_and_who_was_disabled() -> None:
    console = Console(width=120)
    part = of_the_webhooks(WEBHOOKS, phases={"two days": 4.2})
    with console.capture() as captured:
        console.print(part.figures)

    lines = {" ".join(line.split()) for line in captured.get().splitlines()}
    assert "attempts 7 5 x 204, 1 x 410, 1 x 503" in lines
    assert "signatures verified 7 of 7" in lines
    assert "endpoints disabled 1 gone" in lines
    assert "endpoint failing 3 attempts, 2 taken; at most 2 for one delivery" in lines
    assert part.broken == []
