"""What the doctor asks, with the real adapter; the local engine answers what moto does not."""

from collections.abc import Iterator

import pytest

from couponbus_cli.app.stage import Stage
from couponbus_cli.doctor.answers import Answers, StoredSecret, Subscription
from tests.unit.cli.moto import Deployed, a_deployed_stage


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    with a_deployed_stage(monkeypatch) as stage:
        yield stage


def answers_of(deployed: Deployed) -> Answers:
    return deployed.open(Stage("dev")).answers


def test_before_a_deployment_there_is_an_account_and_nothing_else(deployed: Deployed) -> None:
    answers = answers_of(deployed)

    assert answers.account().region == "eu-west-1"
    assert answers.bootstrap_version("hnb659fds") is None
    assert answers.subscriptions() is None


def test_the_version_of_the_bootstrap_stack_is_a_parameter(deployed: Deployed) -> None:
    deployed.target.parameters().put_parameter(
        Name="/cdk-bootstrap/ours/version", Value="21", Type="String"
    )

    assert answers_of(deployed).bootstrap_version("ours") == 21


def test_a_secret_has_a_second_version_once_a_key_was_put_in(deployed: Deployed) -> None:
    client, name = deployed.target.secrets(), deployed.target.secret("coniq/main")
    client.create_secret(Name=name, SecretString="generated-not-real")
    client.create_secret(Name="another/coniq/main", SecretString="generated-not-real")
    before = {each.name: each for each in answers_of(deployed).secrets()}
    client.put_secret_value(SecretId=name, SecretString="put-in-not-real")

    after = {each.name: each for each in answers_of(deployed).secrets()}

    assert before["coniq/main"] == StoredSecret(name="coniq/main", versions=1)
    assert after["coniq/main"] == StoredSecret(name="coniq/main", versions=2)
    assert before.keys() == after.keys() == {"coniq/main", "webhooks"}


def test_the_subscribers_are_those_of_the_topic_of_the_stage(deployed: Deployed) -> None:
    client = deployed.target.session.client("sns")
    topic = client.create_topic(Name=deployed.target.part("alarms"))["TopicArn"]
    alone = answers_of(deployed).subscriptions()
    client.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-1:1:pager")

    assert alone == []
    assert answers_of(deployed).subscriptions() == [Subscription(protocol="sqs", confirmed=True)]


def test_a_table_has_what_it_was_given(deployed: Deployed) -> None:
    settings = answers_of(deployed).table()

    assert settings is not None
    assert not settings.recovery
