"""Acts as a role, or removes an action from that of a function for a block."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from couponbus_sandbox.engine.access import Access, Where
from couponbus_sandbox.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LESS = "less"
PUBLISHERS = ("issue_barcodes", "publish_events", "sweep_due")  # who may put events of ours


class Assumed(Where):
    """The keyword arguments that make any client one of a role."""

    aws_session_token: str


def assumed(role: str, *, access: Access) -> Assumed:
    """Return what makes a client that may do what the role with this ARN may."""
    answer = access.sts().assume_role(RoleArn=role, RoleSessionName="as-role")
    credentials = answer["Credentials"]
    return Assumed(
        endpoint_url=access.endpoint_url,
        region_name=access.region,
        verify=str(access.ca_bundle),
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def role_of(function: str, *, stack: LocalStack) -> str:
    """Return the ARN of a deployed function's role."""
    name = stack.functions[function]
    return stack.access.functions().get_function_configuration(FunctionName=name)["Role"]


def as_function(function: str, *, stack: LocalStack) -> "DynamoDBClient":
    """Return a client that may do what the function may."""
    own = assumed(role_of(function, stack=stack), access=stack.access)
    return stack.access.session.client("dynamodb", **own)


def is_allowed(call: Callable[[], object]) -> bool:
    """Call, and return whether IAM let the call pass; what else may be wrong with it counts not."""
    try:
        call()
    except ClientError as error:
        return "AccessDenied" not in error.response["Error"]["Code"]
    return True


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
    role = role_of(function, stack=stack).rpartition("/")[2]
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
