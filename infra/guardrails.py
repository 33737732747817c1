"""Rules for every stack, checked at each synthesis: a finding stops it with a sentence."""

from collections.abc import Callable

import jsii
from aws_cdk import Annotations, CfnResource, IAspect, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import IConstruct

from couponbus_config.stage import StageConfig
from infra.constructs.dead_end_queue import DeadEndQueue
from infra.constructs.layers import RUNTIME
from infra.permissions import everywhere

type Finding = str | None


@jsii.implements(IAspect)
class Guardrails:
    """No wildcard grant, a dead-letter queue for every queue, log retention, one runtime."""

    def __init__(self, *, stage: StageConfig) -> None:
        self._arch = stage.architecture
        self._everywhere = set(everywhere(stage))

    def visit(self, node: IConstruct) -> None:
        """Add an error to a resource that breaks a rule."""
        if not isinstance(node, CfnResource):
            return
        if finding := self._check(node):
            Annotations.of(node).add_error(f"{node.node.path}: {finding}")

    def _check(self, node: CfnResource) -> Finding:
        checks: dict[type[CfnResource], Callable[..., Finding]] = {
            lambda_.CfnFunction: self._function,
            lambda_.CfnEventSourceMapping: _mapping,
            iam.CfnManagedPolicy: self._policy,
            iam.CfnPolicy: _inline_policy,
            iam.CfnRole: _role,
            logs.CfnLogGroup: _log_group,
            sqs.CfnQueue: _queue,
        }
        check = checks.get(type(node))
        return check(node) if check else None

    def _function(self, function: lambda_.CfnFunction) -> Finding:
        if function.runtime != RUNTIME.name:
            return f"runs {function.runtime}, but tests and layers are for {RUNTIME.name}"
        if function.architectures != [self._arch]:
            return f"is built for {function.architectures}, but the layers for {self._arch}"
        if function.logging_config is None:
            return "has no log group of its own, so its logs would be kept for ever"
        return None

    def _policy(self, policy: iam.CfnManagedPolicy) -> Finding:
        document = Stack.of(policy).resolve(policy.policy_document)
        for statement in document["Statement"]:
            actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
            if resources == ["*"] and set(map(str, actions)) <= self._everywhere:
                continue
            for value in (*actions, *resources):
                if isinstance(value, str) and "*" in value:
                    return f"grants {value!r}: name the actions and the resources"
        return None


def _mapping(mapping: lambda_.CfnEventSourceMapping) -> Finding:
    if mapping.function_response_types != ["ReportBatchItemFailures"]:
        return "does not report item failures: one bad record would retry all"
    return None


def _inline_policy(_policy: iam.CfnPolicy) -> Finding:
    return "is an inline policy: give PythonFunction exact permissions instead of a grant"


def _role(role: iam.CfnRole) -> Finding:
    if Stack.of(role).resolve(role.policies):
        return "has an inline policy: use a managed policy with exact actions"
    return None


def _log_group(group: logs.CfnLogGroup) -> Finding:
    return None if group.retention_in_days else "keeps its logs for ever: give it a retention"


def _queue(queue: sqs.CfnQueue) -> Finding:
    if isinstance(queue.node.scope, DeadEndQueue) or queue.redrive_policy is not None:
        return None
    return "has no dead-letter queue: use QueueWithDeadLetters or DeadEndQueue"


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
