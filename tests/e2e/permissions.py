"""Removes an action from the roles of deployed functions, for the duration of a block."""

import contextlib
import json
from collections.abc import Iterator

from couponbus_sandbox.local.stack import LocalStack

LESS = "less"


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
