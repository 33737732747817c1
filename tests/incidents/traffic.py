"""Sign-ups as producers send them, and what else comes in from outside."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from couponbus.domain.webhooks.signature import signed
from couponbus.usecases.inbound.receive_callback import SIGN_UPS
from tests.functions.receiving_harness import event_of
from tests.incidents.account import RunningStage, Traffic
from tests.incidents.functions import FunctionFailed
from tests.unit.usecases.world import message

FIRST_CUSTOMER = 1000
FIRST_WATCHED = 10**6
SENT_OVER_HTTP = 10**7


def sign_ups(*, every: int = 1) -> Traffic:
    """Return ordinary traffic: a new customer every so many minutes, over the bus."""

    def send(stage: RunningStage) -> None:
        if stage.minutes % every < stage.stride:
            customer = FIRST_CUSTOMER + stage.minutes
            over_the_bus(stage, [sign_up(customer, at=stage.clock.present)])

    return send


def watched_sign_ups(*, every: int) -> Traffic:
    """Return the same with customers who are known at Uniqodo, so that they are polled."""

    def send(stage: RunningStage) -> None:
        if stage.minutes % every < stage.stride:
            customer = FIRST_WATCHED + stage.minutes
            named = {"uniqodo_user_id": f"user-{customer}"}
            over_the_bus(stage, [sign_up(customer, at=stage.clock.present, **named)])

    return send


def over_the_bus(stage: RunningStage, bodies: Sequence[str]) -> None:
    """Send through the rule, which keeps in its own queue what it may not deliver."""
    is_denied = "signups" in stage.parts.denied
    stage.queues["undelivered" if is_denied else "signups"].send(bodies, now=stage.clock.present)
    rule = {
        "EventBusName": f"couponbus-{stage.name}",
        "RuleName": f"couponbus-{stage.name}-sign-ups",
    }
    stage.put("AWS/Events", "FailedInvocations", float(is_denied), **rule)


def sign_up(customer: int, *, at: datetime, **more: str) -> str:
    return message(
        customer,
        signup_id=f"signup-{customer}",
        occurred_at=at.isoformat(),
        **more,
    ).body


def bad_sign_ups() -> Traffic:
    """Return a producer whose sign-ups name no customer, over the bus."""

    def send(stage: RunningStage) -> None:
        now = stage.clock.present
        detail = {"signup_id": f"bad-{now.timestamp():.0f}", "occurred_at": "yesterday"}
        over_the_bus(stage, [json.dumps(detail)])

    return send


def unidentified() -> Traffic:
    """Return a producer whose messages have no sign-up id, over the bus."""
    return lambda stage: over_the_bus(stage, [json.dumps({"hello": "world"})])


def producer_comes(traffic: Traffic) -> Traffic:
    """Return what lets this producer send from now on."""
    return lambda stage: stage.traffic.append(traffic)


def leave(stage: RunningStage) -> None:
    """Let the producer that came last send no more."""
    stage.traffic.pop()


def signed_with(key: bytes, *, number: int) -> Traffic:
    """Return a producer that sends so many requests a minute over HTTP, signed with this key."""

    def send(stage: RunningStage) -> None:
        now = stage.clock.present
        for place in range(number):
            message_id = f"msg_{now.timestamp():.0f}_{place}"
            customer = SENT_OVER_HTTP + int(now.timestamp()) % 10**6 * number + place
            body = sign_up(customer, at=now).encode()
            headers: Mapping[str, str] = {
                "webhook-id": message_id,
                "webhook-timestamp": f"{now.timestamp():.0f}",
                "webhook-signature": signed(message_id=message_id, at=now, body=body, keys=(key,)),
            }
            _request(stage, event_of("POST", SIGN_UPS, headers=headers, body=body))

    return send


def _request(stage: RunningStage, event: object) -> None:
    """Call the HTTP API; what it answers with 5xx is counted by API Gateway."""
    try:
        answer = stage.functions.invoke("receive_callback", event)
        status = int(str(answer["statusCode"])) if isinstance(answer, dict) else 0
    except FunctionFailed:
        status = 500
    stage.put("AWS/ApiGateway", "5xx", float(status >= 500), **stage.api)
