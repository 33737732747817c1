"""The bus with its archive and rule, and every queue."""

from aws_cdk import ArnFormat, CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from couponbus.events.sign_up import CustomerSignedUp
from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.constructs.bus_policy import ProducerPolicies
from infra.constructs.dead_end_queue import DeadEndQueue
from infra.constructs.event_rule import EventRule, received
from infra.constructs.queue_with_dead_letters import QueueWithDeadLetters
from infra.constructs.queue_worker import visibility_for
from infra.declared import QueueName, QueueTrigger
from infra.event_sources import published_sources
from infra.functions import FUNCTIONS
from infra.removal import removal_of

WORK_RECEIVES = 5


class Messaging(Stack):
    """Bus, archive and rule, work queues, and the queues that wait for an operator."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        self.bus = events.EventBus(self, "Bus", event_bus_name=names.base)
        self._archive(stage, names)
        self._stage, self._names = stage, names
        self.queues: dict[QueueName, sqs.IQueue] = {
            "signups": self._queue("signups", max_receives=stage.max_receives),
            "polls": self._queue("polls", max_receives=stage.poll_max_receives),
            # No rule fills it: producers may put on the bus what looks like an event of ours.
            "notifications": self._queue("notifications", max_receives=stage.max_receives),
            # First attempts, and all others: endpoints that fail share only the second.
            "deliveries": self._queue("deliveries", max_receives=WORK_RECEIVES),
            "redeliveries": self._queue("redeliveries", max_receives=WORK_RECEIVES),
            "quarantine": self._last_stop("quarantine"),
            "unidentified": self._last_stop("unidentified"),
            "undelivered": self._last_stop("undelivered"),
            "unpublished": self._last_stop("unpublished"),
        }
        EventRule(
            self,
            "SignUps",
            bus=self.bus,
            # Named, as the alarms know it by its name only.
            name=names.of("sign-ups"),
            pattern=received(CustomerSignedUp, sources=stage.sign_up_sources),
            description=f"{CustomerSignedUp.detail_type} to the queue that works on it",
            queue=self.queues["signups"],
            undelivered=self.queues["undelivered"],
        )
        if stage.monitoring and stage.alarm_to:
            self.queues["undelivered"].add_to_resource_policy(self._alarms_may_send(names))
        ProducerPolicies(
            self,
            "Producers",
            bus=self.bus,
            producers=stage.bus_producers,
            detail_types=[CustomerSignedUp.detail_type],
        )
        CfnOutput(self, "BusName", value=self.bus.event_bus_name)
        self._notify("Quarantine", self.queues["quarantine"])
        self._notify("Unidentified", self.queues["unidentified"])
        self._notify("Undelivered", self.queues["undelivered"])
        self._notify("Unpublished", self.queues["unpublished"])

    def _alarms_may_send(self, names: Names) -> iam.PolicyStatement:
        """Let the topic of alarms, which is in another stack, send what no subscriber took."""
        topic = self.format_arn(
            service="sns", resource=names.of("alarms"), arn_format=ArnFormat.NO_RESOURCE_NAME
        )
        return iam.PolicyStatement(
            principals=[iam.ServicePrincipal("sns.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[self.queues["undelivered"].queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": topic}},
        )

    def _archive(self, stage: StageConfig, names: Names) -> None:
        """Archive our own thin events; a sign-up carries an e-mail and is kept by queues only."""
        self.bus.archive(
            "Archive",
            archive_name=names.base,
            description="Events that couponbus published, for replay",
            event_pattern=events.EventPattern(source=published_sources()),
            retention=Duration.days(stage.archive_days),
        )

    def _queue(self, name: QueueName, *, max_receives: int) -> sqs.IQueue:
        """Return a queue that a function reads; output the URLs of it and of its dead letters."""
        id_ = name.title()
        made = QueueWithDeadLetters(
            self,
            id_,
            name=self._names.of(name),
            visibility=visibility_of(name, stage=self._stage),
            max_receives=max_receives,
            removal=removal_of(self._stage),
        )
        self._notify(id_, made.queue)
        self._notify(f"{id_}Dead", made.dead)
        return made.queue

    def _last_stop(self, name: QueueName) -> DeadEndQueue:
        return DeadEndQueue(
            self, name.title(), name=self._names.of(name), removal=removal_of(self._stage)
        )

    def _notify(self, id_: str, queue: sqs.IQueue) -> None:
        CfnOutput(self, f"{id_}QueueUrl", value=queue.queue_url)


def visibility_of(queue: QueueName, *, stage: StageConfig) -> Duration:
    """Return the visibility timeout for the one function that reads the queue."""
    (visibility,) = (
        visibility_for(
            Duration.seconds(function.timeout_seconds),
            window=Duration.seconds(trigger.batching(stage).window_seconds),
        )
        for function in FUNCTIONS
        for trigger in function.triggers
        if isinstance(trigger, QueueTrigger) and trigger.queue == queue
    )
    return visibility
