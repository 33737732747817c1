"""What becomes of a resource that its stack gives up."""

from aws_cdk import RemovalPolicy

from couponbus_config.stage import StageConfig


def keeps_data(stage: StageConfig) -> bool:
    """Return whether what the stage has made outlives its stacks."""
    return stage.removal == "retain"


def removal_of(stage: StageConfig) -> RemovalPolicy:
    """Return what becomes of all but the table.

    A rollback deletes what its own deployment has just created: left behind, each of these names
    would be taken when the deployment is repeated.
    """
    if keeps_data(stage):
        return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    return RemovalPolicy.DESTROY


def removal_of_the_table(stage: StageConfig) -> RemovalPolicy:
    """Return what becomes of the ledger: no rollback can delete a table that is protected."""
    return RemovalPolicy.RETAIN if keeps_data(stage) else RemovalPolicy.DESTROY
