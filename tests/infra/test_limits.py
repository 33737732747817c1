"""What AWS would refuse for its size is found in the template."""

import json
from pathlib import Path

import pytest

from couponbus_config.configuration_error import ConfigurationError
from infra.limits import BUS_POLICY_CHARACTERS, bus_findings, findings, refuse_beyond
from infra.release.assembly import take_back
from tests.infra.assembly import Assembly

ROUTE = "AWS::ApiGatewayV2::Route"


def _one(kind: str, **properties: object) -> dict[str, object]:
    return {"Resources": {"Thing": {"Type": kind, "Properties": properties}}}


def _function(size: int) -> dict[str, object]:
    return _one("AWS::Lambda::Function", Environment={"Variables": {"A": "x" * (size - 1)}})


def _policy(arns: int) -> dict[str, object]:
    statement = {"Action": "a:B", "Effect": "Allow", "Resource": [{"Ref": "R"}] * arns}
    return _one("AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": [statement]})


def _pattern(sources: int) -> dict[str, object]:
    return _one("AWS::Events::Rule", EventPattern={"source": ["s" * 97] * sources})


def _outputs(count: int) -> dict[str, object]:
    return {"Outputs": {f"O{number}": {} for number in range(count)}}


def _resources(count: int) -> dict[str, object]:
    return {"Resources": {f"R{number}": {"Type": "AWS::SQS::Queue"} for number in range(count)}}


def _name(length: int) -> dict[str, object]:
    return _one("AWS::IAM::Role", RoleName="n" * length)


def _routes(count: int) -> dict[str, object]:
    return {"Resources": {f"R{number}": {"Type": ROUTE} for number in range(count)}}


def _role(policies: int) -> dict[str, object]:
    return _one("AWS::IAM::Role", ManagedPolicyArns=[{"Ref": "P"}] * policies)


def _inline(characters: int) -> dict[str, object]:
    half = {"PolicyDocument": "x" * (characters // 2 - 2)}
    return _one("AWS::IAM::Role", Policies=[half, half])


def _queue_policy(characters: int) -> dict[str, object]:
    return _one("AWS::SQS::QueuePolicy", PolicyDocument="x" * (characters - 2))


def _template(size: int) -> dict[str, object]:
    template = {"Description": ""}
    return {"Description": "x" * (size - len(json.dumps(template, indent=1)))}


def _producers(count: int) -> dict[str, object]:
    principal = {"AWS": "x" * 90}
    return {
        "Resources": {
            f"P{number}": {
                "Type": "AWS::Events::EventBusPolicy",
                "Properties": {"Statement": {"Principal": principal}},
            }
            for number in range(count)
        }
    }


@pytest.mark.parametrize(
    ("fits", "too_large", "limit"),
    [
        (_function(3686), _function(3687), "4096 bytes"),
        (_policy(39), _policy(40), "6144 characters"),
        (_pattern(36), _pattern(37), "4096 characters"),
        (_outputs(179), _outputs(180), "200 outputs"),
        (_resources(449), _resources(450), "500 resources"),
        (_name(64), _name(65), "64 characters"),
        (_routes(269), _routes(270), "300 routes"),
        (_role(8), _role(9), "10 policies"),
        (_inline(9_214), _inline(9_216), "10240 characters"),
        (_queue_policy(7_372), _queue_policy(7_373), "8192 characters"),
        (_template(899_999), _template(900_000), "1000000 bytes"),
    ],
)
def test_a_limit_is_refused_with_a_sentence(
    fits: dict[str, object], too_large: dict[str, object], limit: str
) -> None:
    assert findings("state", fits) == []
    [sentence] = findings("state", too_large)
    assert sentence.startswith("state: ")
    assert limit in sentence


def test_the_policy_of_the_bus_is_counted_over_both_stacks_that_add_to_it() -> None:
    statement = len('{"Principal":{"AWS":""}}') + 90
    most = (BUS_POLICY_CHARACTERS * 9 // 10 - 1) // statement
    one, other = _producers(most // 2), _producers(most - most // 2)

    assert bus_findings({"messaging": one, "workers": other}) == []
    [sentence] = bus_findings({"messaging": one, "workers": _producers(most - most // 2 + 1)})
    assert "10240 characters: name fewer bus_producers" in sentence


def test_a_template_is_counted_as_it_is_written(prod: Assembly) -> None:
    for file in prod.folder.glob("*.template.json"):
        written = file.read_text()
        assert json.dumps(json.loads(written), indent=1, ensure_ascii=False) == written


def test_a_reference_within_a_text_counts_as_the_longest() -> None:
    joined = {"Fn::Join": ["", ["x" * 3600, {"Ref": "AWS::Region"}, {"Ref": "Queue"}]]}
    template = _one("AWS::Lambda::Function", Environment={"Variables": {"A": joined}})
    assert findings("workers", template)


def assembly_of(folder: Path, stack: str, template: dict[str, object]) -> None:
    file, assets = f"{stack}.template.json", f"{stack}.assets.json"
    kind = "aws:cloudformation:stack"
    artifacts = {
        stack: {"type": kind, "properties": {"templateFile": file}},
        f"{stack}.assets": {"type": "cdk:asset-manifest", "properties": {"file": assets}},
        "Tree": {"type": "cdk:tree", "properties": {}},
    }
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(json.dumps(template))
    (folder / assets).write_text("{}")
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


def test_an_assembly_beyond_a_limit_is_taken_back(tmp_path: Path) -> None:
    assembly_of(tmp_path / "out", "shop-prod-state", _resources(450))

    with pytest.raises(ConfigurationError, match="shop-prod-state: the stack takes 450 of 500"):
        refuse_beyond(tmp_path / "out")

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("manifest", [None, "{}", "[]", "no JSON", '{"artifacts": {"A": {}}}'])
def test_only_what_a_manifest_names_is_taken_back(manifest: str | None, tmp_path: Path) -> None:
    mine = tmp_path / "mine.template.json"
    mine.write_text("{}")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)

    take_back(tmp_path)

    assert mine.exists()


def test_an_assembly_within_the_limits_stays(prod: Assembly, many: Assembly) -> None:
    for assembly in (prod, many):
        refuse_beyond(assembly.folder)

        assert (assembly.folder / "manifest.json").exists()
