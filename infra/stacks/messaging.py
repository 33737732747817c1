"""What moves messages: the bus with its archive and rule, and every queue."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from couponbus.events.sign_up import CustomerSignedUp
from infra.config import StageConfig
from infra.constructs.event_rule import EventRule
from infra.constructs.last_stop import LastStop
from infra.constructs.queue_with_dead_letters import QueueWithDeadLetters
from infra.constructs.queue_worker import visibility_for
from infra.event_sources import published_sources
from infra.names import Names

ISSUE_TIMEOUT = Duration.seconds(60)
POLL_TIMEOUT = Duration.seconds(300)


class Messaging(Stack):
    """Bus, archive, the queues of sign-ups and of polls, and those in which nothing is lost."""

    def __init__(self, scope: Construct, id_: str, *, stage: StageConfig, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        self.bus = events.EventBus(self, "Bus", event_bus_name=names.base)
        self._archive(stage, names)
        signups = QueueWithDeadLetters(
            self,
            "Signups",
            name=names.of("signups"),
            visibility=visibility_for(ISSUE_TIMEOUT, window=Duration.seconds(stage.window_seconds)),
            max_receives=stage.max_receives,
            removal=stage.removal,
        )
        polls = QueueWithDeadLetters(
            self,
            "Polls",
            name=names.of("polls"),
            visibility=visibility_for(
                POLL_TIMEOUT, window=Duration.seconds(stage.poll_window_seconds)
            ),
            max_receives=stage.poll_max_receives,
            removal=stage.removal,
        )
        self.signups = signups.queue
        self.polls = polls.queue
        self.quarantine = self._last_stop("Quarantine", stage, names)
        self.undelivered = self._last_stop("Undelivered", stage, names)
        self.unpublished = self._last_stop("Unpublished", stage, names)
        EventRule(
            self,
            "SignUps",
            bus=self.bus,
            event=CustomerSignedUp,
            sources=stage.sign_up_sources,
            queue=self.signups,
            undelivered=self.undelivered,
        )
        CfnOutput(self, "BusName", value=self.bus.event_bus_name)
        self._tell("Signups", self.signups)
        self._tell("SignupsDead", signups.dead)
        self._tell("Polls", self.polls)
        self._tell("PollsDead", polls.dead)
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

    def _last_stop(self, id_: str, stage: StageConfig, names: Names) -> LastStop:
        return LastStop(self, id_, name=names.of(id_.lower()), removal=stage.removal)

    def _tell(self, id_: str, queue: sqs.IQueue) -> None:
        CfnOutput(self, f"{id_}QueueUrl", value=queue.queue_url)
