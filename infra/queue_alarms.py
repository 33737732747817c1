"""The alarms of each queue: what waits for an operator, and what waits for a function."""

from collections.abc import Iterator
from dataclasses import dataclass

from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.alarm import Level, Missing, Rule
from infra.constructs.alarms import Watched, of_queue
from infra.declared import QueueName
from infra.stacks.messaging import visibility_of

NINE_DAYS_S = 9 * 24 * 60 * 60
QUARTER_OF_AN_HOUR_S = 15 * 60
TEN_MINUTES_S = 10 * 60
LEFT_OUT_FROM_RECEIVE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LastStop:
    """A queue whose messages wait for an operator, with the section of the runbook."""

    why: str
    runbook: str


LAST_STOPS = {
    "signups-dead": LastStop(
        why="Sign-ups failed too often: read the logs, fix the cause, redrive",
        runbook="dead-letters",
    ),
    "polls-dead": LastStop(
        why="Commands about watches failed too often: fix the cause, redrive",
        runbook="dead-letters",
    ),
    "notifications-dead": LastStop(
        why="Events were not fanned out: fix the cause, redrive; none is sent twice",
        runbook="dead-letters",
    ),
    "deliveries-dead": LastStop(
        why="Hints failed too often; the ledger has the deliveries: find the cause",
        runbook="dead-letters",
    ),
    "redeliveries-dead": LastStop(
        why="Hints failed too often; the sweeper repeats them: find the cause",
        runbook="dead-letters",
    ),
    "quarantine": LastStop(
        why="Messages were invalid: their producer must correct them", runbook="quarantine"
    ),
    "unidentified": LastStop(
        why="No sign-up id was found in messages: fix their sender, couponbus redrive",
        runbook="unidentified",
    ),
    "undelivered": LastStop(
        why="A rule, a schedule or the topic could not deliver; no function reads this queue",
        runbook="undelivered",
    ),
    "unpublished": LastStop(
        why="Stream records were given up; the sweeper publishes them: find the cause",
        runbook="unpublished",
    ),
}
WORK_QUEUES: dict[QueueName, str] = {
    "signups": "Sign-ups wait too long: Coniq, its rate limit or our function",
    "polls": "Polls wait too long: a provider, its rate limit or our function",
    "notifications": "Events wait too long for fan-out: check fan_out_webhooks",
    "deliveries": "First attempts wait too long: more endpoints hang than usual",
    "redeliveries": "Repeated attempts wait too long: many endpoints hang",
}


def queue_alarms(stage: StageConfig, names: Names) -> Iterator[Watched]:
    """Yield the alarms of all queues."""
    for queue, stop in LAST_STOPS.items():
        for alarm in (_not_empty(stop), _letters_old(queue)):
            yield Watched(subject=queue, alarm=alarm, source=of_queue(names.of(queue)))
    for name, why in WORK_QUEUES.items():
        yield Watched(subject=name, alarm=_old(name, why, stage), source=of_queue(names.of(name)))


def _not_empty(stop: LastStop) -> Level:
    return Level(
        metric="ApproximateNumberOfMessagesVisible",
        word="not-empty",
        why=stop.why,
        runbook=stop.runbook,
        # SQS reports nothing of a queue that rests for hours: its messages are there all the same.
        rule=Rule(statistic="Maximum", missing=Missing.UNKNOWN),
    )


def _letters_old(queue: str) -> Level:
    """Return the alarm five days before the first message can be lost.

    A message is deleted 14 days after it was first sent, of which it may have spent four in the
    queue before; its age in a dead-letter queue counts from when it came there.
    """
    return Level(
        metric="ApproximateAgeOfOldestMessage",
        word="letters-old",
        why=f"The oldest message in {queue} is 9 days old and is deleted within days",
        runbook="letters-old",
        # SQS reports no age of an empty queue: kept, the alarm would never be over.
        rule=Rule(statistic="Maximum", limit=NINE_DAYS_S),
    )


def _old(queue: QueueName, why: str, stage: StageConfig) -> Level:
    return Level(
        metric="ApproximateAgeOfOldestMessage",
        word="old",
        why=why,
        runbook="queue-old",
        # By the minute: a period of five that slides over the last ages shows each of them again.
        rule=Rule(
            statistic="Maximum",
            limit=_reachable(int(visibility_of(queue, stage=stage).to_seconds())),
            minutes=1,
            periods=5,
        ),
    )


def _reachable(visibility: int) -> int:
    """Return an age that the metric can show.

    SQS leaves a message out of it from its third receive on, which comes two visibility timeouts
    after the first one.
    """
    third_receive = (LEFT_OUT_FROM_RECEIVE - 1) * visibility
    return QUARTER_OF_AN_HOUR_S if third_receive > QUARTER_OF_AN_HOUR_S else TEN_MINUTES_S
