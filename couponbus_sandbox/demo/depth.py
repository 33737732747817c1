"""How many messages a queue holds."""

from typing import TYPE_CHECKING

from couponbus_sandbox.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType


def depth(stack: LocalStack, queue: str) -> int:
    """Count the messages of a queue, including those in flight."""
    visible: QueueAttributeNameType = "ApproximateNumberOfMessages"
    in_flight: QueueAttributeNameType = "ApproximateNumberOfMessagesNotVisible"
    attributes = stack.access.sqs().get_queue_attributes(
        QueueUrl=stack.queues[queue], AttributeNames=[visible, in_flight]
    )["Attributes"]
    return int(attributes[visible]) + int(attributes[in_flight])
