"""IAM is enforced, for the functions' roles and over verified TLS only."""

import json
import ssl
import urllib.error
import urllib.request

import pytest

from couponbus_sandbox.engine.access import Access
from tests.e2e.engine.laboratory import Laboratory, arn, function, queue, ref, role

SEND = """
    import os, boto3
    from botocore.exceptions import ClientError

    def handler(event, context):
        try:
            boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody="x")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "sent"
"""


def sending_stack(laboratory: Laboratory, action: str, *, code: str) -> str:
    stack = laboratory.deploy(
        {
            "Out": queue(),
            "Role": role((action, arn("Out"))),
            "Send": function(code, its_role="Role", Environment={"Variables": {"OUT": ref("Out")}}),
        }
    )
    return laboratory.physical(stack, "Send")


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("sqs:SendMessage", "sent"), ("sqs:GetQueueUrl", "AccessDenied")],
)
def test_a_function_may_do_what_its_role_allows_and_nothing_else(
    laboratory: Laboratory, action: str, outcome: str
) -> None:
    name = sending_stack(laboratory, action, code=SEND)

    answer = laboratory.access.functions().invoke(FunctionName=name)

    assert outcome in json.loads(answer["Payload"].read())


SEND_A_BATCH = """
    import os, boto3
    from botocore.exceptions import ClientError

    def handler(event, context):
        entries = [{"Id": "1", "MessageBody": "x"}]
        try:
            boto3.client("sqs").send_message_batch(QueueUrl=os.environ["OUT"], Entries=entries)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "sent"
"""


@pytest.mark.parametrize(
    ("action", "outcome"),
    [("sqs:SendMessage", "sent"), ("sqs:ReceiveMessage", "AccessDenied")],
)
def test_a_batch_call_to_a_queue_needs_the_permission_of_the_single_call(
    laboratory: Laboratory, action: str, outcome: str
) -> None:
    name = sending_stack(laboratory, action, code=SEND_A_BATCH)

    answer = laboratory.access.functions().invoke(FunctionName=name)

    assert outcome in json.loads(answer["Payload"].read())


def test_the_engine_speaks_tls_with_its_own_certificate_only(access: Access) -> None:
    url = f"{access.endpoint_url}/_ministack/health"
    trusting = ssl.create_default_context(cafile=str(access.ca_bundle))

    assert urllib.request.urlopen(url, context=trusting, timeout=5).status == 200
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(url, context=ssl.create_default_context(), timeout=5)
