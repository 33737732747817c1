"""The alarms of a stage on AWS have a subscriber, or there is no such stage."""

from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk.aws_sns import SubscriptionProtocol

from couponbus_config.configuration_error import ConfigurationError
from infra.sources import Sources
from infra.subscribers import subscribers
from tests.infra.assembly import Assembly
from tests.infra.project import app_of
from tests.infra.stages import DEV, LOCAL, PROD

ALARM_TO = "operator@example.com"
HOOK = "https://hooks.example.com/alarms?id=1"


@pytest.mark.parametrize("stage", [DEV, PROD], ids=lambda stage: stage.name)
def test_a_stage_on_aws_without_a_subscriber_is_refused(stage: object) -> None:
    with pytest.raises(ConfigurationError, match="have no subscriber: name an e-mail address"):
        replace(stage, alarm_to=())  # type: ignore[type-var]


def test_the_local_stage_needs_no_subscriber(project: Sources, tmp_path: Path) -> None:
    assert app_of(project, tmp_path, stage=replace(LOCAL, monitoring=("alarms",)))


def test_an_address_is_subscribed_to_the_topic(dev: Assembly) -> None:
    (subscription,) = dev.of("AWS::SNS::Subscription")

    assert subscription.properties["Protocol"] == "email"
    assert (subscription.properties["Endpoint"],) == DEV.alarm_to
    topic = dev.words(subscription.properties["TopicArn"], "monitoring")
    assert topic == "Topic couponbus-dev-alarms"


def test_an_alarm_that_a_subscriber_does_not_take_waits_for_an_operator(dev: Assembly) -> None:
    (subscription,) = dev.of("AWS::SNS::Subscription")
    (undelivered,) = [
        queue.properties["QueueName"]
        for queue in dev.of("AWS::SQS::Queue")
        if queue.id.startswith("Undelivered")
    ]

    waits_in = subscription.properties["RedrivePolicy"]["deadLetterTargetArn"]
    assert dev.words(waits_in, "monitoring").endswith(f":{undelivered}")


def test_each_address_is_subscribed_once() -> None:
    stage = replace(DEV, alarm_to=(ALARM_TO, HOOK, HOOK))

    found = [(each.address, each.protocol) for each in subscribers(stage.alarm_to)]

    assert found == [(ALARM_TO, SubscriptionProtocol.EMAIL), (HOOK, SubscriptionProtocol.HTTPS)]


@pytest.mark.parametrize(
    "address",
    [
        "",
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
def test_an_address_that_sns_cannot_reach_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        replace(DEV, alarm_to=(address,))

    assert str(refused.value) == (
        f"alarm_to has {address!r}: use an e-mail address or an https URL with a host name"
    )
