"""Takes an action away from the roles of deployed functions, for the time of a block."""

import contextlib
import json
from collections.abc import Iterator

from sandbox.local_stack import LocalStack


@contextlib.contextmanager
def without(action: str, *functions: str, stack: LocalStack) -> Iterator[None]:
    """Change what the functions' roles allow, as a mistaken deployment would, and change it back."""
    iam = stack.access.session.client("iam", **stack.access.where)
    changed = []
    for function in functions:
        name = stack.functions[function]
        configuration = stack.access.functions().get_function_configuration(FunctionName=name)
        role = configuration["Role"].rpartition("/")[2]
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            less = [_less(statement, action) for statement in document["Statement"]]
            changed.append((role, policy, document))
            iam.put_role_policy(
                RoleName=role,
                PolicyName=policy,
                PolicyDocument=json.dumps({**document, "Statement": [s for s in less if s]}),
            )
    try:
        yield
    finally:
        for role, policy, document in changed:
            iam.put_role_policy(
                RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document)
            )


def _less(statement: dict[str, object], action: str) -> dict[str, object] | None:
    """Return the statement without the action, None if nothing is left of it."""
    allowed = statement["Action"]
    actions = [allowed] if isinstance(allowed, str) else list(map(str, allowed))  # type: ignore[call-overload]
    left = [each for each in actions if each != action]
    return {**statement, "Action": left} if left else None
