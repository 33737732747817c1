"""What goes wrong in our own parts."""

import json
from collections.abc import Sequence
from datetime import timedelta

from couponbus.domain.errors import SecretUnavailable
from tests.incidents.account import RunningStage
from tests.incidents.incident import Act, Incident
from tests.incidents.ledger_incidents import BEFORE_LETTERS, FAILING
from tests.incidents.operators import (
    break_function,
    each,
    empty,
    mend_function,
    send_undelivered,
    start,
    stop,
)
from tests.incidents.traffic import FIRST_CUSTOMER, producer_comes, sign_ups, signed_with
from tests.incidents.webhook_incidents import has_an_endpoint
from tests.unit.usecases.inbound.receiving_world import KEY

NEARLY_NINE_DAYS = timedelta(days=8, hours=23, minutes=40)


def lose_the_pepper(stage: RunningStage) -> None:
    stage.parts.pseudonyms.failure = SecretUnavailable("get_secret_value: AccessDenied")


def find_the_pepper(stage: RunningStage) -> None:
    stage.parts.pseudonyms.failure = None


def stumble_over_one(stage: RunningStage) -> None:
    stage.parts.pseudonyms.stumbles_over.add(str(FIRST_CUSTOMER + 10))


def stumble(stage: RunningStage) -> None:
    stage.parts.pseudonyms.stumbles_always = True


def stand(stage: RunningStage) -> None:
    stage.parts.pseudonyms.stumbles_always = False
    stage.parts.pseudonyms.stumbles_over = set()


def throttle_function(stage: RunningStage) -> None:
    stage.parts.throttled.add("issue_barcodes")


def unthrottle_function(stage: RunningStage) -> None:
    stage.parts.throttled.clear()


def forbid_ticks(stage: RunningStage) -> None:
    stage.parts.not_invoked = {"sweep_due", "schedule_polls"}


def allow_ticks(stage: RunningStage) -> None:
    stage.parts.not_invoked = set()


def refuse_messages(queue: str) -> Act:
    return lambda stage: setattr(stage.parts.ports[queue], "is_refused", True)


def take_messages(queue: str) -> Act:
    return lambda stage: setattr(stage.parts.ports[queue], "is_refused", False)


def deny_the_rule(stage: RunningStage) -> None:
    stage.parts.denied.add("signups")


def permit_the_rule(stage: RunningStage) -> None:
    stage.parts.denied.discard("signups")
    send_undelivered(stage)


def leave_a_letter(stage: RunningStage) -> None:
    """Put a letter into the quarantine that came nearly nine days ago."""
    now = stage.clock.present
    stage.queues["quarantine"].send([json.dumps({})], now=now - NEARLY_NINE_DAYS)


INCIDENTS: Sequence[Incident] = (
    Incident(
        name="the pepper cannot be read",
        breaks=lose_the_pepper,
        mends=find_the_pepper,
        lasts=BEFORE_LETTERS,
        levels=FAILING,
    ),
    Incident(
        name="a bug in one sign-up",
        breaks=stumble_over_one,
        mends=each(stand, empty("signups-dead")),
        lasts=70,
        levels={
            "issue_barcodes-Failed": 21,
            "signups-old": 18,
            "signups-dead-not-empty": 63,
        },
        events={"issue_barcodes-UnexpectedErrors": 7},
    ),
    Incident(
        name="a bug in all sign-ups",
        breaks=stumble,
        mends=stand,
        lasts=BEFORE_LETTERS,
        levels=FAILING,
        events={"issue_barcodes-UnexpectedErrors": 2},
    ),
    Incident(
        name="issue_barcodes is not started",
        breaks=stop("issue_barcodes"),
        mends=start("issue_barcodes"),
        lasts=30,
        levels={"signups-old": 13},
    ),
    Incident(
        name="issue_barcodes is broken",
        breaks=break_function("issue_barcodes"),
        mends=mend_function("issue_barcodes"),
        lasts=BEFORE_LETTERS,
        levels={"signups-old": 13},
        events={"issue_barcodes-errors": 2},
    ),
    Incident(
        name="the sweeper is broken",
        breaks=break_function("sweep_due"),
        mends=each(mend_function("sweep_due"), empty("undelivered")),
        lasts=30,
        levels={"sweep_due-missing": 6, "undelivered-not-empty": 2},
        events={"sweep_due-errors": 2},
    ),
    Incident(
        name="schedules may not invoke their functions",
        breaks=forbid_ticks,
        mends=each(allow_ticks, empty("undelivered")),
        lasts=30,
        ends=46,
        levels={
            "schedules-TargetErrorCount": 2,
            "undelivered-not-empty": 2,
            "sweep_due-missing": 6,
            "schedule_polls-missing": 6,
        },
    ),
    Incident(
        name="Lambda has no room for issue_barcodes",
        breaks=throttle_function,
        mends=unthrottle_function,
        lasts=BEFORE_LETTERS,
        ends=26,
        levels={"issue_barcodes-throttles": 2, "signups-old": 13},
    ),
    Incident(
        name="Lambda has no room for issue_barcodes while few sign up",
        breaks=throttle_function,
        mends=unthrottle_function,
        traffic=(sign_ups(every=4),),
        lasts=25,
        calm=30,
        levels={"issue_barcodes-throttles": 5, "signups-old": 16},
    ),
    Incident(
        name="the queue of sign-ups refuses messages",
        begins=producer_comes(signed_with(KEY, number=3)),
        breaks=refuse_messages("signups"),
        mends=take_messages("signups"),
        lasts=30,
        levels={"callbacks-5xx": 10},
        events={"receive_callback-Unreachable": 4},
    ),
    Incident(
        name="the queue of first attempts refuses messages",
        begins=has_an_endpoint,
        breaks=refuse_messages("deliveries"),
        mends=take_messages("deliveries"),
        lasts=15,
        levels={"fan_out_webhooks-Failed": 4},
    ),
    Incident(
        name="the sweeper is stopped",
        breaks=stop("sweep_due"),
        mends=start("sweep_due"),
        lasts=30,
        levels={"sweep_due-missing": 6},
    ),
    Incident(
        name="the scheduler of polls is stopped",
        breaks=stop("schedule_polls"),
        mends=start("schedule_polls"),
        lasts=30,
        levels={"schedule_polls-missing": 6},
    ),
    Incident(
        name="the sweeper of one of two stages is stopped",
        breaks=stop("sweep_due"),
        mends=start("sweep_due"),
        levels={"sweep_due-missing": 6},
        stages=("dev",),
        lasts=15,
        ends=10,
    ),
    Incident(
        name="a rule has no permission",
        breaks=deny_the_rule,
        mends=permit_the_rule,
        lasts=30,
        levels={"undelivered-not-empty": 3},
        events={"sign-ups-FailedInvocations": 2},
    ),
    Incident(
        name="the function of the HTTP API is broken",
        begins=producer_comes(signed_with(KEY, number=3)),
        breaks=break_function("receive_callback"),
        mends=mend_function("receive_callback"),
        levels={"callbacks-5xx": 10},
        events={"receive_callback-errors": 2},
        lasts=30,
    ),
    Incident(
        name="a letter is nine days old",
        breaks=leave_a_letter,
        mends=empty("quarantine"),
        lasts=30,
        levels={"quarantine-not-empty": 3, "quarantine-letters-old": 30},
    ),
)
