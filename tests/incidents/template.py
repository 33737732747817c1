"""What the world takes from the synthesised templates of a stage: alarms, queues, mappings."""

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.incidents.alarm import Alarm, alarm_of
from tests.incidents.queues import Queue
from tests.infra.assembly import Assembly

type Properties = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueMapping:
    """An event source mapping of a queue."""

    queue: str
    function: str
    batch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTemplate:
    """The part of a stage that incidents concern, as plain data that a test may damage."""

    stage: str
    alarms: Sequence[Properties]
    queues: Sequence[Properties]  # `Dead` is the name of the dead-letter queue
    mappings: Sequence[QueueMapping]
    timeouts: Mapping[str, int]
    stream_retries: int

    def rules(self) -> list[Alarm]:
        return [alarm_of(one) for one in self.alarms]

    def made_queues(self) -> dict[str, Queue]:
        """Return the queues of the stage by their short names."""
        made: dict[str, Queue] = {}
        for one in sorted(self.queues, key=lambda each: "RedrivePolicy" in each):
            policy = one.get("RedrivePolicy")
            made[one["QueueName"]] = Queue(
                name=one["QueueName"],
                retention=timedelta(seconds=one["MessageRetentionPeriod"]),
                visibility=timedelta(seconds=one.get("VisibilityTimeout", 30)),
                max_receives=policy["maxReceiveCount"] if policy else 0,
                dead=made[one["Dead"]] if policy else None,
            )
        return {self.short(name): queue for name, queue in made.items()}

    def short(self, name: str) -> str:
        """Return a name of the stage without its beginning."""
        return name.removeprefix(f"couponbus-{self.stage}-")

    def named(self, stage: str) -> "StageTemplate":
        """Return the same template of a stage with another name."""
        text = json.dumps([self.alarms, self.queues])
        text = text.replace(f"couponbus-{self.stage}", f"couponbus-{stage}")
        text = text.replace(f'"Value": "{self.stage}"', f'"Value": "{stage}"')
        text = text.replace(f"/couponbus/{self.stage}/", f"/couponbus/{stage}/")
        alarms, queues = json.loads(text)
        return StageTemplate(
            stage=stage,
            alarms=alarms,
            queues=queues,
            mappings=self.mappings,
            timeouts=self.timeouts,
            stream_retries=self.stream_retries,
        )


def template_of(assembly: Assembly) -> StageTemplate:
    """Return what was synthesised, with references replaced by names."""
    prefix = f"couponbus-{assembly.stage}-"
    mappings = assembly.of("AWS::Lambda::EventSourceMapping")
    return StageTemplate(
        stage=assembly.stage,
        alarms=[
            _without_references(each.properties, assembly)
            for each in assembly.of("AWS::CloudWatch::Alarm")
        ],
        queues=[_with_dead(each.properties, assembly) for each in assembly.of("AWS::SQS::Queue")],
        mappings=[
            QueueMapping(
                queue=source.properties["QueueName"].removeprefix(prefix),
                function=assembly.worker(each.properties["FunctionName"], each.stack)
                .properties["FunctionName"]
                .removeprefix(prefix),
                batch=each.properties["BatchSize"],
            )
            for each in mappings
            for source in [assembly.target(each.properties["EventSourceArn"], each.stack)]
            if source.type == "AWS::SQS::Queue"
        ],
        timeouts={name: each.properties["Timeout"] for name, each in assembly.functions.items()},
        stream_retries=next(
            each.properties["MaximumRetryAttempts"]
            for each in mappings
            if "MaximumRetryAttempts" in each.properties
        ),
    )


def _without_references(properties: Properties, assembly: Assembly) -> Properties:
    found = copy.deepcopy(properties)
    for name in ("AlarmActions", "OKActions"):
        found[name] = [assembly.words(one, "monitoring") for one in found.get(name, [])]
    for one in found.get("Dimensions", []):
        one["Value"] = _value(one["Value"], assembly)
    return found


def _value(value: object, assembly: Assembly) -> str:
    """Return a dimension; of one that is read from a parameter the name of the parameter."""
    parameters = assembly.templates["monitoring"].get("Parameters", {})
    if isinstance(value, dict) and value.get("Ref") in parameters:
        return str(parameters[value["Ref"]]["Default"])
    return assembly.words(value, "monitoring")


def _with_dead(properties: Properties, assembly: Assembly) -> Properties:
    policy = properties.get("RedrivePolicy")
    if policy is None:
        return dict(properties)
    dead = assembly.target(policy["deadLetterTargetArn"], "messaging")
    return {**properties, "Dead": dead.properties["QueueName"]}
