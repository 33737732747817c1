"""Cloud assemblies: order, assets, updates, and failures that say what is wrong."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pytest

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.assembly import Asset, stacks_in_order
from couponbus_sandbox.engine.deploy import deploy, packed
from couponbus_sandbox.engine.stacks import StackFailed
from tests.e2e.engine.laboratory import Json, any_name, arn, function, queue, ref, role

DESTINATION = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"


class Assembly:
    """A cloud assembly on disk, as CDK's default synthesizer writes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._artifacts: dict[str, Json] = {}

    def add(
        self,
        name: str,
        resources: Mapping[str, Json],
        *,
        outputs: Mapping[str, Json] | None = None,
        after: Sequence[str] = (),
        folders: Mapping[str, Path] | None = None,
    ) -> None:
        template = f"{name}.template.json"
        version = {"Type": "AWS::SSM::Parameter::Value<String>"}
        version["Default"] = "/cdk-bootstrap/hnb659fds/version"
        content = {"Parameters": {"BootstrapVersion": version}, "Resources": resources}
        (self.folder / template).write_text(json.dumps(content | {"Outputs": outputs or {}}))
        files = {template: self._file(template, "file", f"{any_name('template')}.json")}
        for key, path in (folders or {}).items():
            files[key] = self._file(str(path), "zip", key)
        (self.folder / f"{name}.assets.json").write_text(json.dumps({"files": files}))
        self._artifacts[f"{name}.assets"] = {"type": "cdk:asset-manifest", "properties": {}}
        self._artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": template},
            "dependencies": [f"{name}.assets", *after],
        }
        (self.folder / "manifest.json").write_text(json.dumps({"artifacts": self._artifacts}))

    def _file(self, path: str, packaging: str, key: str) -> Json:
        destination = {"bucketName": DESTINATION, "objectKey": key}
        return {
            "source": {"path": path, "packaging": packaging},
            "destinations": {"current": destination},
        }


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return Assembly(tmp_path)


def test_stacks_are_deployed_after_those_they_import_from(
    access: Access, assembly: Assembly
) -> None:
    export, importing, exporting = (any_name(kind) for kind in ("export", "a-import", "z-export"))
    imported = {"Fn::ImportValue": export}
    assembly.add(
        importing, {"Queue": queue()}, outputs={"Got": {"Value": imported}}, after=[exporting]
    )
    assembly.add(
        exporting,
        {"Queue": queue()},
        outputs={"Given": {"Value": arn("Queue"), "Export": {"Name": export}}},
    )

    stacks = deploy(access=access, assembly=assembly.folder)

    assert list(stacks) == [exporting, importing]
    assert stacks[importing].outputs["Got"] == stacks[exporting].outputs["Given"]


def test_a_folder_becomes_the_code_of_a_function_with_its_paths(
    access: Access, assembly: Assembly, tmp_path: Path
) -> None:
    code = tmp_path / "asset"
    (code / "functions" / "greet").mkdir(parents=True)
    (code / "functions" / "greet" / "handler.py").write_text(
        "def handler(event, context): return 'hello'"
    )
    name, key = any_name("stack"), f"{any_name('code')}.zip"
    bucket = {"Fn::Sub": DESTINATION}
    greet = function(
        "",
        its_role="Role",
        Handler="functions.greet.handler.handler",
        Code={"S3Bucket": bucket, "S3Key": key},
    )
    resources = {"Role": role(), "Greet": greet}
    assembly.add(name, resources, outputs={"Name": {"Value": ref("Greet")}}, folders={key: code})

    stacks = deploy(access=access, assembly=assembly.folder)

    answer = access.functions().invoke(FunctionName=stacks[name].outputs["Name"])
    assert answer["Payload"].read() == b'"hello"'


def test_the_same_assembly_can_be_deployed_again_and_a_changed_one_updates(
    access: Access, assembly: Assembly
) -> None:
    name = any_name("stack")
    outputs = {"Url": {"Value": ref("Queue")}}
    assembly.add(name, {"Queue": queue(VisibilityTimeout=5)}, outputs=outputs)
    first = deploy(access=access, assembly=assembly.folder)
    again = deploy(access=access, assembly=assembly.folder)

    assembly.add(name, {"Queue": queue(VisibilityTimeout=50)}, outputs=outputs)
    changed = deploy(access=access, assembly=assembly.folder)

    assert first[name].outputs == again[name].outputs == changed[name].outputs
    attributes = access.sqs().get_queue_attributes(
        QueueUrl=changed[name].outputs["Url"], AttributeNames=["VisibilityTimeout"]
    )
    assert attributes["Attributes"] == {"VisibilityTimeout": "50"}


def test_a_failed_stack_names_the_resource_its_type_and_the_reason(
    access: Access, assembly: Assembly
) -> None:
    name = any_name("stack")
    broken = {
        "Type": "AWS::Events::Archive",
        "Properties": {"SourceArn": "any", "EventPattern": {"source": "not a list"}},
    }
    assembly.add(name, {"Fine": queue(), "Broken": broken})

    with pytest.raises(StackFailed) as failure:
        deploy(access=access, assembly=assembly.folder)

    first_line, reason = str(failure.value).splitlines()
    assert name in first_line
    assert reason.startswith("Broken (AWS::Events::Archive): Event pattern is not valid")


def test_a_stack_that_failed_at_first_can_be_deployed_when_it_is_right(
    access: Access, assembly: Assembly
) -> None:
    name = any_name("stack")
    broken = {
        "Type": "AWS::Events::Archive",
        "Properties": {"SourceArn": "any", "EventPattern": {"a": 1}},
    }
    assembly.add(name, {"Broken": broken})
    with pytest.raises(StackFailed):
        deploy(access=access, assembly=assembly.folder)

    assembly.add(name, {"Queue": queue()})

    assert name in deploy(access=access, assembly=assembly.folder)


def test_an_unknown_resource_type_is_refused_by_name(access: Access, assembly: Assembly) -> None:
    name = any_name("stack")
    assembly.add(name, {"Odd": {"Type": "AWS::Nothing::Known"}})

    with pytest.raises(StackFailed, match="AWS::Nothing::Known"):
        deploy(access=access, assembly=assembly.folder)


def test_a_packed_folder_keeps_byte_code_and_nested_paths(tmp_path: Path) -> None:
    (tmp_path / "python" / "__pycache__").mkdir(parents=True)
    (tmp_path / "python" / "module.py").write_text("")
    (tmp_path / "python" / "__pycache__" / "module.cpython-313.pyc").write_bytes(b"")

    content = packed(Asset(path=tmp_path, packaging="zip", bucket="any", key="any"))

    names = zipfile.ZipFile(BytesIO(content)).namelist()
    assert names == ["python/__pycache__/module.cpython-313.pyc", "python/module.py"]


def test_a_circle_of_stacks_is_an_error(assembly: Assembly) -> None:
    assembly.add("one", {}, after=["two"])
    assembly.add("two", {}, after=["one"])

    with pytest.raises(ValueError, match="cycle"):
        stacks_in_order(assembly.folder)
