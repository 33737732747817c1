"""The rules that hold for every stack, also for one that is added later."""

from collections.abc import Callable

import pytest
from aws_cdk import App, Aspects, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Annotations, Match

from infra.constructs.dead_end_queue import DeadEndQueue
from infra.constructs.queue_with_dead_letters import QueueWithDeadLetters
from infra.guardrails import Guardrails
from tests.infra.stages import DEV

CODE = lambda_.CfnFunction.CodeProperty(zip_file="# nothing")


def lonely_queue(stack: Stack) -> None:
    sqs.Queue(stack, "Thing")


def endless_logs(stack: Stack) -> None:
    logs.CfnLogGroup(stack, "Thing")


def wildcard_action(stack: Stack) -> None:
    grant(stack, "sqs:*", "arn:aws:sqs:::queue")


def wildcard_resource(stack: Stack) -> None:
    grant(stack, "sqs:SendMessage", "*")


def traces_that_the_stage_has_not(stack: Stack) -> None:
    grant(stack, "xray:PutTraceSegments", "*")


def convenient_grant(stack: Stack) -> None:
    queue = DeadEndQueue(stack, "Queue", name="queue", removal=RemovalPolicy.DESTROY)
    queue.grant_send_messages(role(stack))


def inline_policy(stack: Stack) -> None:
    statement = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=["arn:aws:sqs:::queue"])
    iam.Role(
        stack,
        "Thing",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies={"inline": iam.PolicyDocument(statements=[statement])},
    )


def older_python(stack: Stack) -> None:
    function(stack, runtime="python3.12", architecture="arm64")


def other_cpu(stack: Stack) -> None:
    function(stack, runtime="python3.13", architecture="x86_64")


def nowhere_to_log(stack: Stack) -> None:
    function(stack, runtime="python3.13", architecture="arm64")


def all_or_nothing(stack: Stack) -> None:
    lambda_.CfnEventSourceMapping(stack, "Thing", function_name="function")


def errors(build: Callable[[Stack], None]) -> list[str]:
    app = App()
    stack = Stack(app, "stack")
    build(stack)
    Aspects.of(app).add(Guardrails(stage=DEV))
    found = Annotations.from_stack(stack).find_error("*", Match.any_value())
    return [str(each.entry.data) for each in found]


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (lonely_queue, "has no dead-letter queue: use QueueWithDeadLetters or DeadEndQueue"),
        (endless_logs, "keeps its logs for ever: give it a retention"),
        (wildcard_action, "grants 'sqs:*': name the actions and the resources"),
        (wildcard_resource, "grants '*': name the actions and the resources"),
        (traces_that_the_stage_has_not, "grants '*': name the actions and the resources"),
        (convenient_grant, "is an inline policy"),
        (inline_policy, "has an inline policy"),
        (older_python, "runs python3.12, but tests and layers are for python3.13"),
        (other_cpu, "is built for ['x86_64'], but the layers for arm64"),
        (nowhere_to_log, "has no log group of its own"),
        (all_or_nothing, "does not report item failures"),
    ],
)
def test_a_forgotten_default_stops_the_synthesis_with_a_sentence(
    mistake: Callable[[Stack], None], sentence: str
) -> None:
    (error,) = errors(mistake)

    assert sentence in error


def test_the_constructs_of_the_house_pass() -> None:
    def good(stack: Stack) -> None:
        QueueWithDeadLetters(
            stack,
            "Queue",
            name="queue",
            visibility=Duration.seconds(60),
            max_receives=3,
            removal=RemovalPolicy.DESTROY,
        )

    assert errors(good) == []


def grant(stack: Stack, action: str, resource: str) -> None:
    statement = iam.PolicyStatement(actions=[action], resources=[resource])
    iam.ManagedPolicy(stack, "Thing", statements=[statement])


def role(stack: Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))


def function(stack: Stack, *, runtime: str, architecture: str) -> None:
    lambda_.CfnFunction(
        stack,
        "Thing",
        code=CODE,
        role="arn:aws:iam::role/role",
        handler="index.handler",
        runtime=runtime,
        architectures=[architecture],
    )
