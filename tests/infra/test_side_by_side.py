"""Stages and installations in one account and region share nothing (AWS knows no two of a name)."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from couponbus_config.names import Names
from infra.sources import Sources
from tests.infra.assembly import Assembly, Resource
from tests.infra.project import app_of
from tests.infra.stages import sample

# The property that holds the name of a resource, where AWS wants it to be the only one.
NAMED = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Events::Archive": "ArchiveName",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::ApiGatewayV2::Api": "Name",
    "AWS::SSM::Parameter": "Name",
}


@pytest.fixture(scope="module")
def agency(project: Sources, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    installation, folder = sample("agency"), tmp_path_factory.mktemp("agency")
    stage = installation.stage("live")
    names = Names(installation=installation.name, stage=stage.name)
    app_of(project, folder, stage=stage, names=names).synth()
    return Assembly(folder, stage.name, installation.name)


def names_in(assembly: Assembly) -> Iterator[tuple[str, str]]:
    yield from (("AWS::CloudFormation::Stack", stack) for stack in assembly.templates_by_name)
    for resource in assembly.everything:
        if resource.type in NAMED:
            yield resource.type, json.dumps(resource.properties[NAMED[resource.type]])


def watched(alarm: Resource) -> Iterator[str]:
    """Yield each metric of ours that an alarm reads, with where it is."""
    for metric in [alarm.properties, *_inner(alarm)]:
        if not str(metric.get("Namespace", "AWS/")).startswith("AWS/"):
            yield json.dumps([metric["Namespace"], metric["MetricName"], metric["Dimensions"]])


def _inner(alarm: Resource) -> list[dict[str, object]]:
    queries = [each.get("MetricStat", {}) for each in alarm.properties.get("Metrics", ())]
    return [{**each.get("Metric", {})} for each in queries]


def test_no_name_is_that_of_another_stage_or_installation(
    dev: Assembly, prod: Assembly, agency: Assembly
) -> None:
    found = Counter(name for each in (dev, prod, agency) for name in set(names_in(each)))

    assert len(found) > 500
    assert [name for name, stages in found.items() if stages > 1] == []


def test_every_resource_with_a_name_is_looked_at(prod: Assembly) -> None:
    of_its_parent = {"AWS::Lambda::Alias", "AWS::ApiGatewayV2::Stage"}
    named = {
        each.type
        for each in prod.everything
        for key in each.properties
        if key == "Name" or key == f"{each.type.rpartition('::')[2]}Name"
    }

    assert named - of_its_parent - NAMED.keys() == set()


def test_no_alarm_reads_a_metric_of_another_stage_or_installation(
    dev: Assembly, prod: Assembly, agency: Assembly
) -> None:
    read = [
        {metric for alarm in each.of("AWS::CloudWatch::Alarm") for metric in watched(alarm)}
        for each in (dev, prod, agency)
    ]

    assert all(read)
    assert sum(map(len, read)) == len(set.union(*read))


def test_no_two_names_of_parts_can_meet_in_stages_that_begin_alike(prod: Assembly) -> None:
    parts = {
        json.loads(name).removeprefix("couponbus-prod-")
        for type_, name in names_in(prod)
        if type_ != "AWS::CloudFormation::Stack" and name.startswith('"couponbus-prod-')
    }

    # A stage `x-y` has the part `z`, and a stage `x` must have no part `y-z`.
    assert not {one for one in parts for other in parts if one.endswith(f"-{other}")}
