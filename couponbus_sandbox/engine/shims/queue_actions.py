"""A batch call to a queue needs the permission of the single one: it has no action of its own."""

from ministack.core import iam_actions

type Parameters = dict[str, str | list[str]]

BATCH = "Batch"

_original = iam_actions.extract_iam_action


def install() -> None:
    """Replace the function that names the IAM action of a request."""
    iam_actions.extract_iam_action = _action


def _action(
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    parameters: Parameters,
) -> str | None:
    action: str | None = _original(service, method, path, headers, body, parameters)
    if service != "sqs" or action is None:
        return action
    return action.removesuffix(BATCH)
