"""What a deployment that fails leaves behind, and what a stack holds fast of another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact

CLOUDFORMATION = "AWSCloudFormation/latest"
ONCE, GIVER, READER = "once", "giver", "reader"
PARTS = (ONCE, READER, GIVER)
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
DELETED = {"DeletionPolicy": "Delete"}
TOO_LONG = 999_999  # no queue has such a visibility
type Json = Mapping[str, object]


def judge_retained(statuses: Sequence[str]) -> Verdict:
    """Names that were left behind would make the second deployment fail."""
    return Verdict(
        holds=list(statuses) == ["ROLLBACK_COMPLETE", "CREATE_COMPLETE"],
        seen=", then ".join(statuses),
    )


@fact(
    "retention",
    page=f"{CLOUDFORMATION}/UserGuide/aws-attribute-deletionpolicy.html",
    judge=judge_retained,
    here="known",
)
def retained(cloud: Cloud) -> Sequence[str]:
    """A first deployment that fails leaves nothing of RetainExceptOnCreate, and is repeated."""
    # Deploy what fails, correct it, and deploy again under the same names.
    name = cloud.names.of(ONCE)
    failed = cloud.stacks.put(name, _keeping(name, KEPT, visibility=TOO_LONG))
    left = cloud.stacks.destroy([name])
    again = cloud.stacks.put(name, _keeping(name, KEPT, visibility=30))
    cloud.stacks.put(name, _keeping(name, DELETED, visibility=30))
    return [failed, *(f"{each} is still there" for each in left), again]


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


@fact(
    "weak reference",
    page=f"{CLOUDFORMATION}/TemplateReference/intrinsic-function-reference-getstackoutput.html",
    judge=judge_weak,
    here="known",
)
def weak(cloud: Cloud) -> Read:
    """A stack reads another one's output, which can be taken away all the same."""
    giver, reader = cloud.names.of(GIVER), cloud.names.of(READER)
    cloud.stacks.put(giver, _giving({"Given": {"Value": "a value"}}))
    read = {"Fn::GetStackOutput": {"StackName": giver, "OutputName": "Given"}}
    cloud.stacks.put(reader, _giving({"Read": {"Value": read}}))
    value = cloud.stacks.outputs(reader).get("Read", "")
    return Read(value=value, taken_away=cloud.stacks.put(giver, _giving({})))


def _keeping(name: str, policies: Mapping[str, str], *, visibility: int) -> Json:
    """Two resources with fixed names, of kinds that the stage keeps, and one that may fail."""
    group = {"LogGroupName": f"/smoke/{name}", "RetentionInDays": 1}
    return {
        "Resources": {
            "Secret": {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"Name": name},
                **policies,
            },
            "Log": {"Type": "AWS::Logs::LogGroup", "Properties": group, **policies},
            "Queue": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"VisibilityTimeout": visibility},
                "DependsOn": ["Secret", "Log"],
            },
        }
    }


def _giving(outputs: Json) -> Json:
    """A template needs a resource; another description makes it another template."""
    return {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Other": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Value": str(len(outputs))},
            },
        },
        "Outputs": outputs,
    }


FACTS = (retained, weak)
