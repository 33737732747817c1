"""What moves messages: the bus with its archive and rule, and every queue."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from couponbus.events.sign_up import CustomerSignedUp
from infra.config import StageConfig
from infra.constructs.dead_end_queue import DeadEndQueue
from infra.constructs.event_rule import EventRule, published, received
from infra.constructs.queue_with_dead_letters import QueueWithDeadLetters
from infra.constructs.queue_worker import visibility_for
from infra.event_sources import published_sources
from infra.names import Names

ISSUE_TIMEOUT = Duration.seconds(60)
POLL_TIMEOUT = Duration.seconds(300)
FAN_OUT_TIMEOUT = Duration.seconds(60)
DELIVER_TIMEOUT = Duration.seconds(60)
WORK_RECEIVES = 5
AT_ONCE = Duration.seconds(0)


class Messaging(Stack):
    """Bus, archive, the queues of sign-ups and of polls, and those in which nothing is lost."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        self.bus = events.EventBus(self, "Bus", event_bus_name=names.base)
        self._archive(stage, names)
        self._stage, self._names = stage, names
        self.signups = self._queue(
            "Signups",
            ISSUE_TIMEOUT,
            window=Duration.seconds(stage.window_seconds),
            max_receives=stage.max_receives,
        )
        self.polls = self._queue(
            "Polls",
            POLL_TIMEOUT,
            window=Duration.seconds(stage.poll_window_seconds),
            max_receives=stage.poll_max_receives,
        )
        self.notifications = self._queue(
            "Notifications",
            FAN_OUT_TIMEOUT,
            window=Duration.seconds(stage.notify_window_seconds),
            max_receives=stage.max_receives,
        )
        # First attempts, and all others: endpoints that fail share only the second with the rest.
        self.deliveries = self._queue("Deliveries", DELIVER_TIMEOUT, window=AT_ONCE)
        self.redeliveries = self._queue("Redeliveries", DELIVER_TIMEOUT, window=AT_ONCE)
        self.quarantine = self._last_stop("Quarantine", stage, names)
        self.undelivered = self._last_stop("Undelivered", stage, names)
        self.unpublished = self._last_stop("Unpublished", stage, names)
        EventRule(
            self,
            "SignUps",
            bus=self.bus,
            pattern=received(CustomerSignedUp, sources=stage.sign_up_sources),
            description=f"{CustomerSignedUp.detail_type} to the queue that works on it",
            queue=self.signups,
            undelivered=self.undelivered,
        )
        EventRule(
            self,
            "Notify",
            bus=self.bus,
            pattern=published(),
            description="What couponbus tells to the queue that makes webhooks of it",
            queue=self.notifications,
            undelivered=self.undelivered,
        )
        CfnOutput(self, "BusName", value=self.bus.event_bus_name)
        self._tell("Quarantine", self.quarantine)
        self._tell("Undelivered", self.undelivered)
        self._tell("Unpublished", self.unpublished)

    def _archive(self, stage: StageConfig, names: Names) -> None:
        """Archive our own thin events; a sign-up carries an e-mail and is kept by queues only."""
        self.bus.archive(
            "Archive",
            archive_name=names.base,
            description="What couponbus published, for replay",
            event_pattern=events.EventPattern(source=published_sources()),
            retention=Duration.days(stage.archive_days),
        )

    def _queue(
        self, id_: str, timeout: Duration, *, window: Duration, max_receives: int = WORK_RECEIVES
    ) -> sqs.IQueue:
        """Return a queue of this name, whose batches are worked on for so long at most."""
        made = QueueWithDeadLetters(
            self,
            id_,
            name=self._names.of(id_.lower()),
            visibility=visibility_for(timeout, window=window),
            max_receives=max_receives,
            removal=self._stage.removal,
        )
        self._tell(id_, made.queue)
        self._tell(f"{id_}Dead", made.dead)
        return made.queue

    def _last_stop(self, id_: str, stage: StageConfig, names: Names) -> DeadEndQueue:
        return DeadEndQueue(self, id_, name=names.of(id_.lower()), removal=stage.removal)

    def _tell(self, id_: str, queue: sqs.IQueue) -> None:
        CfnOutput(self, f"{id_}QueueUrl", value=queue.queue_url)
