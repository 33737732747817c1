"""The functions and what starts them."""

from aws_cdk import CfnOutput, Duration, Stack
from constructs import Construct

from infra import permissions, settings
from infra.config import StageConfig
from infra.constructs.http_api import HttpApi
from infra.constructs.layers import Layers
from infra.constructs.python_function import Platform, PythonFunction
from infra.constructs.queue_worker import Batching, QueueWorker
from infra.constructs.scheduled_worker import ScheduledWorker
from infra.constructs.stream_worker import StreamWorker
from infra.names import Names
from infra.sources import Sources
from infra.stacks.messaging import ISSUE_TIMEOUT, POLL_TIMEOUT, Messaging
from infra.stacks.state import State
from infra.stacks.webhook_workers import deliver_webhooks, fan_out_webhooks

ONE_MINUTE = Duration.minutes(1)
RECEIVE_TIMEOUT = Duration.seconds(28)  # before API Gateway gives up, which it does after 29
# Only rows that wait for publication concern the publisher.
UNPUBLISHED = {"dynamodb": {"NewImage": {"unpublished": {"S": [{"exists": True}]}}}}


class Workers(Stack):
    """One function per step of the way, each with its trigger."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        stage: StageConfig,
        names: Names,
        sources: Sources,
        state: State,
        messaging: Messaging,
    ) -> None:
        super().__init__(scope, id_, stack_name=id_)
        layers = Layers(self, "Layers", sources=sources, stage=stage)
        self._platform = Platform(stage=stage, names=names, sources=sources, layers=layers)
        self._state = state
        self._messaging = messaging
        for worker in (
            self._issue_barcodes(),
            self._publish_events(),
            self._sweep_due(),
            self._audit_barcodes(),
            self._schedule_polls(),
            self._poll_redemptions(),
            fan_out_webhooks(self, self._platform, state, messaging),
            deliver_webhooks(self, self._platform, state, messaging),
            self._receive_callback(),
        ):
            name = f"{worker.node.id}FunctionName"
            CfnOutput(self, name, value=worker.function.function_name)

    def _issue_barcodes(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "IssueBarcodes",
            platform=self._platform,
            settings=settings.issue_barcodes(stage, state, messaging),
            permissions=permissions.issue_barcodes(state, messaging),
            timeout=ISSUE_TIMEOUT,
            memory_mb=1024,
        )
        QueueWorker(
            self,
            "IssueBarcodesFromSignups",
            worker=worker,
            queue=messaging.signups,
            batching=Batching(
                size=stage.batch_size,
                window_seconds=stage.window_seconds,
                concurrency=stage.concurrency,
            ),
        )
        return worker

    def _publish_events(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "PublishEvents",
            platform=self._platform,
            settings=settings.publish_events(stage, state, messaging),
            permissions=permissions.publish_events(state, messaging),
            timeout=ONE_MINUTE,
            memory_mb=512,
        )
        StreamWorker(
            self,
            "PublishEventsFromLedger",
            worker=worker,
            table=state.table,
            pattern=UNPUBLISHED,
            failed=messaging.unpublished,
            stage=stage,
        )
        return worker

    def _sweep_due(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "SweepDue",
            platform=self._platform,
            settings=settings.sweep_due(stage, state, messaging),
            permissions=permissions.sweep_due(state, messaging),
            timeout=ONE_MINUTE,
            memory_mb=512,
        )
        self._on_schedule(worker, "rate(1 minute)", max_age=ONE_MINUTE)
        return worker

    def _audit_barcodes(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "AuditBarcodes",
            platform=self._platform,
            settings=settings.audit_barcodes(stage, state),
            permissions=permissions.audit_barcodes(state, messaging),
            timeout=Duration.minutes(15),
            memory_mb=1024,
        )
        self._on_schedule(worker, "cron(17 2 * * ? *)", max_age=Duration.hours(1))
        return worker

    def _schedule_polls(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "SchedulePolls",
            platform=self._platform,
            settings=settings.schedule_polls(stage, state, messaging),
            permissions=permissions.schedule_polls(state, messaging),
            timeout=ONE_MINUTE,
            memory_mb=512,
        )
        self._on_schedule(worker, "rate(1 minute)", max_age=ONE_MINUTE)
        return worker

    def _poll_redemptions(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "PollRedemptions",
            platform=self._platform,
            settings=settings.poll_redemptions(stage, state, messaging),
            permissions=permissions.poll_redemptions(state, messaging),
            timeout=POLL_TIMEOUT,
            memory_mb=1024,
        )
        QueueWorker(
            self,
            "PollRedemptionsFromPolls",
            worker=worker,
            queue=messaging.polls,
            batching=Batching(
                size=stage.poll_batch_size,
                window_seconds=stage.poll_window_seconds,
                concurrency=stage.poll_concurrency,
            ),
        )
        return worker

    def _receive_callback(self) -> PythonFunction:
        stage, state, messaging = self._platform.stage, self._state, self._messaging
        worker = PythonFunction(
            self,
            "ReceiveCallback",
            platform=self._platform,
            settings=settings.receive_callback(stage, state, messaging),
            permissions=permissions.receive_callback(state, messaging),
            timeout=RECEIVE_TIMEOUT,
            memory_mb=512,
        )
        api = HttpApi(
            self,
            "Callbacks",
            worker=worker,
            platform=self._platform,
            name="callbacks",
            paths=("/sign-ups", "/callbacks/uniqodo/{secret}"),
        )
        CfnOutput(self, "CallbacksUrl", value=api.url)
        return worker

    def _on_schedule(self, worker: PythonFunction, expression: str, *, max_age: Duration) -> None:
        ScheduledWorker(
            self,
            f"{worker.node.id}OnSchedule",
            worker=worker,
            name=self._platform.names.of(worker.folder),
            expression=expression,
            max_age=max_age,
            undelivered=self._messaging.undelivered,
        )
