"""The alarms of a stage on AWS have a subscriber, or the stage is not written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App
from aws_cdk.aws_sns import SubscriptionProtocol

from infra.config import STAGES
from infra.configuration_error import ConfigurationError
from infra.sources import Sources
from infra.stage_context import stage_from
from infra.subscribers import check_subscribers, subscribers
from tests.infra.assembly import Assembly
from tests.infra.project import ALARM_TO, LOCAL, app_of

HOOK = "https://hooks.example.com/alarms?id=1"


@pytest.mark.parametrize("stage", ["dev", "prod"])
@pytest.mark.parametrize("alarm_to", [None, "", []])
def test_a_stage_on_aws_without_a_subscriber_is_refused_with_what_to_do(
    stage: str, alarm_to: object, project: Sources, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        app_of(project, tmp_path, context={"stage": stage, "alarm_to": alarm_to})

    assert str(refused.value) == (
        f"the alarms of stage {stage} have no subscriber: name an e-mail address or an https URL in"
        " its alarm_to in infra/config.py, or in the context:"
        f""" CDK_CONTEXT_JSON='{{"stage": "{stage}", "alarm_to": "ops@example.com"}}'"""
    )
    accepted = json.loads(str(refused.value).partition("CDK_CONTEXT_JSON=")[2].strip("'"))
    check_subscribers(stage_from(App(context=accepted).node))


def test_the_local_stage_needs_no_subscriber(project: Sources, tmp_path: Path) -> None:
    context = {**LOCAL, "monitoring": "alarms", "alarm_to": None}

    assert app_of(project, tmp_path, context=context)


def test_an_address_of_the_context_is_subscribed_to_the_topic(dev: Assembly) -> None:
    (subscription,) = dev.of("AWS::SNS::Subscription")

    assert subscription.properties["Protocol"] == "email"
    assert subscription.properties["Endpoint"] == ALARM_TO
    topic = dev.words(subscription.properties["TopicArn"], "monitoring")
    assert topic == "Topic couponbus-dev-alarms"


@pytest.mark.parametrize(
    "alarm_to", [f"{ALARM_TO}, {HOOK}", [ALARM_TO, HOOK], f"{ALARM_TO},{HOOK},{HOOK}"]
)
def test_several_addresses_come_as_a_list_or_with_commas_and_each_is_subscribed_once(
    alarm_to: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STAGES, "dev", replace(STAGES["dev"], alarm_to=(ALARM_TO,)))

    stage = stage_from(App(context={"alarm_to": alarm_to}).node)

    assert {each.address: each.protocol for each in subscribers(stage.alarm_to)} == {
        ALARM_TO: SubscriptionProtocol.EMAIL,
        HOOK: SubscriptionProtocol.HTTPS,
    }
    assert len(list(subscribers(stage.alarm_to))) == 2


@pytest.mark.parametrize(
    "address",
    [
        "operator",
        "operator@",
        "@example.com",
        "operator@example",
        "two words@example.com",
        "a@b@example.com",
        "Operator <operator@example.com>",
        "http://hooks.example.com/",
        "https://",
        "https://localhost/",
        "https://user:secret@hooks.example.com/",
        "https://hooks.example.com/with space",
        "https://[",
        "sms:+4420000",
        "arn:aws:sqs:eu-west-1:1:queue",
    ],
)
def test_an_address_that_sns_cannot_reach_is_refused(
    address: str, project: Sources, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        app_of(project, tmp_path, context={"stage": "dev", "alarm_to": [address]})

    assert str(refused.value) == (
        f"alarm_to has {address!r}: use an e-mail address or an https URL with a host name"
    )


def test_a_comma_without_an_address_is_a_mistake(project: Sources, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="alarm_to has ''"):
        app_of(project, tmp_path, context={"stage": "dev", "alarm_to": f"{ALARM_TO},"})
