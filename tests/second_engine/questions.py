"""Questions whose answers the product relies on, put to an engine: what it says, in a word."""

from collections.abc import Callable, Mapping

from botocore.exceptions import ClientError

from tests.integration.aws.cloud import BUS, Cloud


def message_of(size: int) -> Callable[[Cloud], str]:
    def ask(cloud: Cloud) -> str:
        cloud.clients.sqs.send_message(QueueUrl=cloud.commands_url, MessageBody="x" * size)
        return "taken"

    return ask


def batch_of(count: int) -> Callable[[Cloud], str]:
    def ask(cloud: Cloud) -> str:
        cloud.clients.sqs.send_message_batch(
            QueueUrl=cloud.commands_url,
            Entries=[{"Id": str(number), "MessageBody": "x"} for number in range(count)],
        )
        return "taken"

    return ask


def delay_of(seconds: int) -> Callable[[Cloud], str]:
    def ask(cloud: Cloud) -> str:
        cloud.clients.sqs.send_message(
            QueueUrl=cloud.commands_url, MessageBody="x", DelaySeconds=seconds
        )
        return "taken"

    return ask


def grouped(cloud: Cloud) -> str:
    cloud.clients.sqs.send_message(
        QueueUrl=cloud.commands_url, MessageBody="x", MessageGroupId="tenant"
    )
    return "taken"


def events_of(count: int) -> Callable[[Cloud], str]:
    def ask(cloud: Cloud) -> str:
        answer = cloud.clients.events.put_events(
            Entries=[
                {"EventBusName": BUS, "Source": "a", "DetailType": "b", "Detail": "{}"}
                for _ in range(count)
            ]
        )
        return "taken" if answer["FailedEntryCount"] == 0 else "refused in part"

    return ask


def event_without_json(cloud: Cloud) -> str:
    answer = cloud.clients.events.put_events(
        Entries=[{"EventBusName": BUS, "Source": "a", "DetailType": "b", "Detail": "no JSON"}]
    )
    return answer["Entries"][0].get("ErrorCode", "taken")


def secret_that_is_not_there(cloud: Cloud) -> str:
    return cloud.clients.secrets.get_secret_value(SecretId="absent")["SecretString"]


def secret_of_a_taken_name(cloud: Cloud) -> str:
    for value in ("x", "y"):
        cloud.clients.secrets.create_secret(Name="taken", SecretString=value)
    return "made"


def secret_that_awaits_its_deletion(cloud: Cloud) -> str:
    cloud.clients.secrets.create_secret(Name="going", SecretString="x")
    cloud.clients.secrets.delete_secret(SecretId="going")
    return cloud.clients.secrets.get_secret_value(SecretId="going")["SecretString"]


def queue_of_a_taken_name(cloud: Cloud) -> str:
    cloud.clients.sqs.create_queue(QueueName="commands", Attributes={"DelaySeconds": "9"})
    return "made"


def queue_that_is_not_there(cloud: Cloud) -> str:
    cloud.clients.sqs.send_message(QueueUrl=f"{cloud.commands_url}-absent", MessageBody="x")
    return "taken"


QUESTIONS: Mapping[str, Callable[[Cloud], str]] = {
    "a message of 256 KiB": message_of(262_144),
    "a message of 1 MiB": message_of(1_048_576),
    "a message of 1 MiB and a byte": message_of(1_048_577),
    "a message without a body": message_of(0),
    "a batch of ten": batch_of(10),
    "a batch of eleven": batch_of(11),
    "a batch of none": batch_of(0),
    "a delay of 900 seconds": delay_of(900),
    "a delay of 901 seconds": delay_of(901),
    "a group on a standard queue": grouped,
    "a queue of a taken name with other attributes": queue_of_a_taken_name,
    "a queue that is not there": queue_that_is_not_there,
    "ten events": events_of(10),
    "eleven events": events_of(11),
    "an event whose detail is no JSON": event_without_json,
    "a secret that is not there": secret_that_is_not_there,
    "a secret of a taken name": secret_of_a_taken_name,
    "a secret that awaits its deletion": secret_that_awaits_its_deletion,
}


def answer_of(cloud: Cloud, question: str) -> str:
    """Return what the engine says to the question: a word, or the code of its refusal."""
    try:
        return QUESTIONS[question](cloud)
    except ClientError as refused:
        return refused.response["Error"]["Code"].rpartition(".")[2]
