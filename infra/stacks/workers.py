"""The functions and their triggers, as each module of `infra/functions` declares them."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.constructs.bus_policy import OwnSourcesPolicy
from infra.constructs.gradual import GradualDeployments
from infra.constructs.http_api import HttpApi
from infra.constructs.layers import Layers
from infra.constructs.python_function import Platform, PythonFunction
from infra.constructs.queue_worker import QueueWorker
from infra.constructs.scheduled_worker import ScheduledWorker
from infra.constructs.stream_worker import StreamWorker
from infra.declared import (
    Function,
    HttpTrigger,
    QueueTrigger,
    ScheduleTrigger,
    StageResources,
    StreamTrigger,
    Trigger,
)
from infra.functions import FUNCTIONS
from infra.permissions import publish
from infra.settings import coniq_accounts, polled_accounts
from infra.sources import Sources
from infra.stacks.ledger import Ledger
from infra.stacks.messaging import Messaging
from infra.stacks.state import State


class Workers(Stack):
    """All declared functions with their triggers."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        stage: StageConfig,
        names: Names,
        sources: Sources,
        ledger: Ledger,
        state: State,
        messaging: Messaging,
    ) -> None:
        super().__init__(scope, id_, stack_name=id_)
        layers = Layers(self, "Layers", sources=sources, stage=stage)
        self._platform = Platform(stage=stage, names=names, sources=sources, layers=layers)
        self._resources = StageResources(
            stage=stage,
            ledger=ledger,
            state=state,
            bus=messaging.bus,
            queues=messaging.queues,
        )
        # A group of its own: the scheduler counts by group, and all stages share the default one.
        self._schedules = scheduler.CfnScheduleGroup(self, "Schedules", name=names.base)
        workers = [self._worker(function) for function in FUNCTIONS]
        # Here, as the bus is in a stack that cannot need the roles of this one.
        publishing = [
            worker.role
            for worker, function in zip(workers, FUNCTIONS, strict=True)
            if publish in function.permissions
        ]
        OwnSourcesPolicy(self, "OwnSources", bus=messaging.bus, roles=publishing)
        shifted = [each for each in workers if each.folder in stage.shifted_gradually]
        if shifted:
            GradualDeployments(self, "Gradual", stage=stage, names=names, workers=shifted)
        # What is deployed: `couponbus` reads it here, as the functions have it in a file.
        self.template_options.metadata = {
            "couponbus": coniq_accounts(self._resources) | polled_accounts(self._resources)
        }
        # By it `couponbus` tells a stop of the stage from one by hand; no output may be empty.
        CfnOutput(self, "Paused", value=",".join(sorted(stage.paused)) or "none")
        for worker in workers:
            name = f"{worker.node.id}FunctionName"
            CfnOutput(self, name, value=worker.function.function_name)

    def _worker(self, function: Function) -> PythonFunction:
        worker = PythonFunction(
            self, platform=self._platform, function=function, resources=self._resources
        )
        for trigger in function.triggers:
            self._start(worker, trigger)
        return worker

    def _start(self, worker: PythonFunction, trigger: Trigger) -> None:
        match trigger:
            case QueueTrigger():
                self._from_queue(worker, trigger)
            case StreamTrigger():
                self._from_ledger(worker, trigger)
            case ScheduleTrigger():
                self._on_schedule(worker, trigger)
            case HttpTrigger():
                self._over_http(worker, trigger)

    def _from_queue(self, worker: PythonFunction, trigger: QueueTrigger) -> None:
        QueueWorker(
            self,
            f"{worker.node.id}From{trigger.queue.title()}",
            worker=worker,
            queue=self._resources.queues[trigger.queue],
            batching=trigger.batching(self._resources.stage),
            state="reading" if self._resources.stage.reads(trigger.queue) else "paused",
        )

    def _from_ledger(self, worker: PythonFunction, trigger: StreamTrigger) -> None:
        StreamWorker(
            self,
            f"{worker.node.id}FromLedger",
            worker=worker,
            table=self._resources.ledger.table,
            pattern=trigger.pattern,
            failed=self._resources.queues[trigger.failed],
            stage=self._resources.stage,
        )

    def _on_schedule(self, worker: PythonFunction, trigger: ScheduleTrigger) -> None:
        ScheduledWorker(
            self,
            f"{worker.node.id}OnSchedule",
            worker=worker,
            platform=self._platform,
            group=self._schedules,
            expression=trigger.expression(self._resources.stage),
            max_age=Duration.seconds(trigger.max_age_seconds),
            undelivered=self._resources.queues["undelivered"],
        )

    def _over_http(self, worker: PythonFunction, trigger: HttpTrigger) -> None:
        id_ = trigger.api.title()
        api = HttpApi(
            self,
            id_,
            worker=worker,
            platform=self._platform,
            name=trigger.api,
            limits=trigger.limits(self._platform.stage),
        )
        CfnOutput(self, f"{id_}Url", value=api.url)
        # An API has no name of ours: the alarms find its id here, and hold this stack by no export.
        ssm.StringParameter(
            self,
            f"{id_}Id",
            parameter_name=self._platform.names.api_id(trigger.api),
            string_value=api.api.api_id,
        )
