"""A work queue that cannot lose or endlessly retry a message."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.dead_end_queue import DeadEndQueue

# Shorter than the dead-letter queue's, whose clock starts at the original enqueue (SQS docs).
KEEP = Duration.days(4)


class QueueWithDeadLetters(Construct):
    """A queue named `name` and its dead-letter queue, `name`-dead."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        visibility: Duration,
        max_receives: int,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, id_)
        self.dead = DeadEndQueue(self, "Dead", name=f"{name}-dead", removal=removal)
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=KEEP,
            visibility_timeout=visibility,
            removal_policy=removal,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=max_receives),
        )
