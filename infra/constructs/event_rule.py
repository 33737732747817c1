"""A rule from a bus to a queue, with its pattern taken from the event classes."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from couponbus.events.base import ReceivedEvent

OUR_SOURCES = "couponbus."
RETRY_FOR = Duration.hours(24)
RETRIES = 185


class EventRule(Construct):
    """Deliver events to a queue; what cannot be delivered goes to `undelivered`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        bus: events.IEventBus,
        name: str,
        pattern: events.EventPattern,
        description: str,
        queue: sqs.IQueue,
        undelivered: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id_)
        self.rule = events.Rule(
            self,
            "Rule",
            event_bus=bus,
            rule_name=name,
            description=description,
            event_pattern=pattern,
            targets=[
                targets.SqsQueue(
                    queue,
                    dead_letter_queue=undelivered,
                    max_event_age=RETRY_FOR,
                    retry_attempts=RETRIES,
                )
            ],
        )


def received(event: type[ReceivedEvent], *, sources: tuple[str, ...]) -> events.EventPattern:
    """Return the pattern of events that producers send.

    `sources` empty means every source except our own, so that no event of ours can come back.
    """
    return events.EventPattern(
        source=list(sources) or events.Match.anything_but_prefix(OUR_SOURCES),
        detail_type=[event.detail_type],
    )
