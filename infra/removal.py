"""What becomes of resources that a stage no longer has."""

from aws_cdk import RemovalPolicy

from couponbus_config.stage import StageConfig


def removal_of(stage: StageConfig) -> RemovalPolicy:
    """Return the policy of everything in the stage that holds data."""
    return RemovalPolicy.RETAIN if stage.removal == "retain" else RemovalPolicy.DESTROY
