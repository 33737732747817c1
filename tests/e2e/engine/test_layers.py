"""What a function can import: its own code, its layers, and nothing of this checkout."""

import io
import json
import zipfile

from tests.e2e.engine.laboratory import BUCKET, Json, Laboratory, any_name, function, ref, role

SHOW = """
    import importlib.util, os
    import boto3

    BEFORE_THE_FIRST_EVENT = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]

    def handler(event, context):
        wanted = [importlib.util.find_spec(name) for name in event["names"]]
        return {
            "boto3": boto3.__version__,
            "found": [spec is not None for spec in wanted],
            "value": __import__("any_module").VALUE,
            "started": BEFORE_THE_FIRST_EVENT,
        }
"""


def layer(laboratory: Laboratory, files: dict[str, str]) -> Json:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    key = any_name("layer")
    laboratory.access.s3().put_object(Bucket=BUCKET, Key=key, Body=content.getvalue())
    return {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "Content": {"S3Bucket": BUCKET, "S3Key": key},
            "CompatibleRuntimes": ["python3.13"],
        },
    }


def function_with_layers(laboratory: Laboratory) -> str:
    stack = laboratory.deploy(
        {
            "Vendor": layer(
                laboratory, {"python/boto3/__init__.py": "__version__ = 'of the layer'"}
            ),
            "Shared": layer(laboratory, {"python/any_module.py": "VALUE = 'shared'"}),
            "Role": role(),
            "Show": function(SHOW, its_role="Role", Layers=[ref("Vendor"), ref("Shared")]),
        }
    )
    return laboratory.physical(stack, "Show")


def shown(laboratory: Laboratory, function_name: str, *names: str) -> dict[str, object]:
    answer = laboratory.access.functions().invoke(
        FunctionName=function_name, Payload=json.dumps({"names": names})
    )
    content: dict[str, object] = json.loads(answer["Payload"].read())
    return content


def test_a_module_of_a_layer_wins_over_that_of_the_runtime(laboratory: Laboratory) -> None:
    seen = shown(laboratory, function_with_layers(laboratory))

    assert seen["boto3"] == "of the layer"
    assert seen["value"] == "shared"
    assert seen["started"] == "on-demand"


def test_nothing_that_the_package_lacks_can_be_imported(laboratory: Laboratory) -> None:
    seen = shown(
        laboratory,
        function_with_layers(laboratory),
        "couponbus",
        "functions",
        "pydantic",
        "sandbox",
    )

    assert seen["found"] == [False, False, False, False]


def test_a_layer_is_unpacked_once_for_all_workers(laboratory: Laboratory) -> None:
    module = any_name("module").replace("-", "_")
    show = function(SHOW, its_role="Role", Layers=[ref("Shared")])
    stack = laboratory.deploy(
        {
            "Shared": layer(
                laboratory,
                {f"python/{module}.py": "", "python/any_module.py": "VALUE = 1"},
            ),
            "Role": role(),
            "One": show,
            "Two": show,
        }
    )

    for logical_id in ("One", "Two"):
        name = laboratory.physical(stack, logical_id)
        assert shown(laboratory, name, module)["found"] == [True]

    work = laboratory.access.log.parent
    assert len(list(work.glob(f"packages/*/python/{module}.py"))) == 1
