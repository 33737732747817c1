"""A function that reads a table's stream; a record that keeps failing does not block others."""

from collections.abc import Mapping

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from couponbus_config.stage import StageConfig
from infra.constructs.python_function import PythonFunction

BATCH = 100
PARALLEL = 4


class StreamWorker(Construct):
    """The mapping from a stream to a worker's alias; `failed` gets records that were given up."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        worker: PythonFunction,
        table: dynamodb.ITable,
        pattern: Mapping[str, object],
        failed: sqs.IQueue,
        stage: StageConfig,
    ) -> None:
        super().__init__(scope, id_)
        self.mapping = lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=worker.alias,
            event_source_arn=table.table_stream_arn,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=BATCH,
            parallelization_factor=PARALLEL,
            bisect_batch_on_error=True,
            retry_attempts=stage.stream_retries,
            report_batch_item_failures=True,
            filters=[lambda_.FilterCriteria.filter(pattern)],
            on_failure=event_sources.SqsDlq(failed),
        )
