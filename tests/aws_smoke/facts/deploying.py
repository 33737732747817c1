"""What a deployment that fails leaves behind, and what a stack holds fast of another."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact

CLOUDFORMATION = "AWSCloudFormation/latest"
ONCE, GIVER, READER = "once", "giver", "reader"
PARTS = (ONCE, READER, GIVER)
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
TOO_LONG = 999_999  # no queue has such a visibility
type Json = Mapping[str, object]
RETENTION_PAGE = f"{CLOUDFORMATION}/UserGuide/aws-attribute-deletionpolicy.html"
WEAK_REFERENCE_PAGE = (
    f"{CLOUDFORMATION}/TemplateReference/intrinsic-function-reference-getstackoutput.html"
)


def judge_retained(statuses: Sequence[str]) -> Verdict:
    """Names that were left behind would make the second deployment fail."""
    return Verdict(
        holds=list(statuses) == ["ROLLBACK_COMPLETE", "CREATE_COMPLETE"],
        seen=", then ".join(statuses),
    )


@fact("retention", page=RETENTION_PAGE, judge=judge_retained, here="known")
def retained(cloud: Cloud) -> Sequence[str]:
    """A first deployment that fails leaves nothing of RetainExceptOnCreate, and is repeated."""
    # Deploy what fails, correct it, and deploy again under the same names.
    name = cloud.names.of(ONCE)
    try:
        failed = cloud.stacks.put(name, _keeping(name, visibility=TOO_LONG))
        left = cloud.stacks.destroy([name])
        again = cloud.stacks.put(name, _keeping(name, visibility=30))
    finally:
        _forget(cloud, name)
    return [failed, *(f"{each} is still there" for each in left), again]


def _forget(cloud: Cloud, name: str) -> None:
    """Delete the stack, and what it keeps: a change of a policy alone is no update."""
    secrets, logs = cloud.access.secrets(), cloud.access.logs()
    cloud.stacks.destroy([name])
    with contextlib.suppress(secrets.exceptions.ResourceNotFoundException):
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
        logs.delete_log_group(logGroupName=_group(name))


def _group(name: str) -> str:
    return f"/smoke/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a stack read of another, and how the update ends that takes it away."""

    value: str
    taken_away: str


def judge_weak(seen: Read) -> Verdict:
    """An export that is imported could not be taken away."""
    return Verdict(
        holds=seen.value == "a value" and seen.taken_away == "UPDATE_COMPLETE",
        seen=f"read {seen.value!r}, taken away: {seen.taken_away}",
    )


@fact("weak reference", page=WEAK_REFERENCE_PAGE, judge=judge_weak, here="known")
def weak(cloud: Cloud) -> Read:
    """A stack reads another one's output, which can be taken away all the same."""
    giver, reader = cloud.names.of(GIVER), cloud.names.of(READER)
    cloud.stacks.put(giver, _parameter("given", outputs={"Given": {"Value": "a value"}}))
    read = {"Fn::GetStackOutput": {"StackName": giver, "OutputName": "Given"}}
    shown = {"Value": {"Fn::GetAtt": ["Parameter", "Value"]}}
    cloud.stacks.put(reader, _parameter(read, outputs={"Read": shown}))
    value = cloud.stacks.outputs(reader).get("Read", "")
    taken_away = cloud.stacks.put(giver, _parameter("taken away", outputs={}))
    return Read(value=value, taken_away=taken_away)


def _keeping(name: str, *, visibility: int) -> Json:
    """Two resources with fixed names, of kinds that the stage keeps, and one that may fail."""
    kinds: Mapping[str, tuple[str, Json]] = {
        "Secret": ("AWS::SecretsManager::Secret", {"Name": name}),
        "Log": ("AWS::Logs::LogGroup", {"LogGroupName": _group(name), "RetentionInDays": 1}),
    }
    queue: Json = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"VisibilityTimeout": visibility},
        "DependsOn": [*kinds],
    }
    kept = {id_: {"Type": kind, "Properties": of, **KEPT} for id_, (kind, of) in kinds.items()}
    return {"Resources": {**kept, "Queue": queue}}


def _parameter(value: object, *, outputs: Json) -> Json:
    properties = {"Type": "String", "Value": value}
    resource = {"Type": "AWS::SSM::Parameter", "Properties": properties}
    return {"Resources": {"Parameter": resource}, "Outputs": outputs}


FACTS = (retained, weak)
