"""Acts as the role of a deployed function, or removes an action from it for a block."""

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from couponbus_sandbox.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LESS = "less"


def as_function(function: str, *, stack: LocalStack) -> "DynamoDBClient":
    """Return a client that may do what the function may."""
    configuration = stack.access.functions().get_function_configuration(
        FunctionName=stack.functions[function]
    )
    assumed = stack.access.sts().assume_role(
        RoleArn=configuration["Role"], RoleSessionName="as-function"
    )["Credentials"]
    return stack.access.session.client(
        "dynamodb",
        endpoint_url=stack.access.endpoint_url,
        region_name=stack.access.region,
        verify=str(stack.access.ca_bundle),
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )


@contextlib.contextmanager
def without(action: str, *functions: str, stack: LocalStack) -> Iterator[None]:
    """Change what the roles allow, as a mistaken deployment would, and restore it afterwards."""
    with contextlib.ExitStack() as changed:
        for function in functions:
            changed.enter_context(_without(action, function, stack))
        yield


@contextlib.contextmanager
def _without(action: str, function: str, stack: LocalStack) -> Iterator[None]:
    iam = stack.access.session.client("iam", **stack.access.where)
    configuration = stack.access.functions().get_function_configuration(
        FunctionName=stack.functions[function]
    )
    role = configuration["Role"].rpartition("/")[2]
    [attached] = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    arn = attached["PolicyArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    less = json.dumps(_less(document, action))
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.put_role_policy(RoleName=role, PolicyName=LESS, PolicyDocument=less)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName=LESS)
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _less(document: dict[str, list[dict[str, str | list[str]]]], action: str) -> object:
    """Return the policy without the action; fail when it does not have it."""
    statements = [
        {**each, "Action": [one for one in _actions(each) if one != action]}
        for each in document["Statement"]
    ]
    left = [each for each in statements if each["Action"]]
    assert [_actions(each) for each in left] != [_actions(each) for each in document["Statement"]]
    return {**document, "Statement": left}


def _actions(statement: dict[str, str | list[str]]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else actions
