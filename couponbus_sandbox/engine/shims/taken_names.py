"""A stack cannot create what exists already under its name: it would take another one's over."""

import json
from collections.abc import Callable, Mapping

from ministack.services import (
    cloudwatch,
    cloudwatch_logs,
    dynamodb,
    eventbridge,
    lambda_svc,
    scheduler,
    secretsmanager,
    sns,
    sqs,
)
from ministack.services.cloudformation import provisioners, stacks

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned

type Name = tuple[str, Callable[[str, Properties], bool]]

# The property that holds the name, and whether the service has it.
NAMES: Mapping[str, Name] = {
    "AWS::SecretsManager::Secret": ("Name", lambda name, _: name in secretsmanager._secrets),
    "AWS::SQS::Queue": ("QueueName", lambda name, _: name in sqs._queue_name_to_url),
    "AWS::Logs::LogGroup": ("LogGroupName", lambda name, _: name in cloudwatch_logs._log_groups),
    "AWS::Lambda::Function": ("FunctionName", lambda name, _: name in lambda_svc._functions),
    "AWS::Events::Rule": (
        "Name",
        lambda name, given: (
            eventbridge._rule_key(name, provisioners._eb_rule_bus_name(given)) in eventbridge._rules
        ),
    ),
    "AWS::Events::Archive": ("ArchiveName", lambda name, _: name in eventbridge._archives),
    "AWS::Scheduler::Schedule": (
        "Name",
        lambda name, given: f"{given.get('GroupName', 'default')}/{name}" in scheduler._schedules,
    ),
    "AWS::Scheduler::ScheduleGroup": ("Name", lambda name, _: name in scheduler._schedule_groups),
    "AWS::DynamoDB::Table": ("TableName", lambda name, _: name in dynamodb._tables),
    "AWS::SNS::Topic": (
        "TopicName",
        lambda name, _: any(topic["name"] == name for topic in sns._topics.values()),
    ),
    "AWS::CloudWatch::Alarm": ("AlarmName", lambda name, _: name in cloudwatch._alarms),
    "AWS::CloudWatch::Dashboard": (
        "DashboardName",
        lambda name, _: name in cloudwatch._dashboards,
    ),
}
WORDS: Mapping[str, str] = {
    "AWS::SecretsManager::Secret": (
        "The operation failed because the secret {name} already exists."
    ),
    "AWS::Lambda::Function": "Function already exist: {name}",
    "AWS::Scheduler::Schedule": "Schedule {name} already exists.",
    "AWS::Scheduler::ScheduleGroup": "Schedule group {name} already exists.",
    "AWS::Events::Archive": "Archive {name} already exists.",
}
GENERAL = "Resource of type '{type}' with identifier '{identifier}' already exists."


def install() -> None:
    """Ask before a creation; an update that comes down to one goes another way."""
    stacks._provision_resource = _refusing(stacks._provision_resource)


def _refusing(original: Callable[..., Provisioned]) -> Callable[..., Provisioned]:
    def provision(type_: str, logical_id: str, properties: Properties, stack: str) -> Provisioned:
        key, has = NAMES.get(type_, ("", _never))
        name = properties.get(key)
        if isinstance(name, str) and has(name, properties):
            raise ValueError(_refusal(type_, key, name))
        return original(type_, logical_id, properties, stack)

    return provision


def _never(_name: str, _properties: Properties) -> bool:
    return False


def _refusal(type_: str, key: str, name: str) -> str:
    identifier = name
    if type_ == "AWS::Logs::LogGroup":
        identifier = json.dumps({f"/properties/{key}": name}, separators=(",", ":"))
    return WORDS.get(type_, GENERAL).format(name=name, type=type_, identifier=identifier)
