"""Deploys a CDK cloud assembly to the engine with boto3 alone: no CDK CLI, no bootstrap stack."""

import contextlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, cast

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.assembly import Asset, StackTemplate, stacks_in_order
from couponbus_sandbox.engine.stacks import Stack, deploy_stack

if TYPE_CHECKING:
    from mypy_boto3_s3.literals import BucketLocationConstraintType

# The version that CDK's default synthesizer looks up before it deploys.
BOOTSTRAP_PARAMETER = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_VERSION = "30"
UPLOADS_AT_ONCE = 4


def deploy(*, access: Access, assembly: Path) -> Mapping[str, Stack]:
    """Deploy every stack in order and return them by name.

    Raise StackFailed at the first that fails.
    """
    stacks = stacks_in_order(assembly)
    account = access.sts().get_caller_identity()["Account"]
    access.ssm().put_parameter(
        Name=BOOTSTRAP_PARAMETER, Value=BOOTSTRAP_VERSION, Type="String", Overwrite=True
    )
    places = {"${AWS::Partition}": "aws", "${AWS::AccountId}": account}
    places["${AWS::Region}"] = access.region
    _upload(access, stacks, places)
    client = access.cloudformation()
    return {
        stack.name: deploy_stack(
            client=client,
            name=stack.name,
            template_url=_template_url(access, stack, places),
            protection=stack.protection,
        )
        for stack in stacks
    }


def _upload(access: Access, stacks: Iterable[StackTemplate], places: Mapping[str, str]) -> None:
    client = access.s3()
    objects = {
        (_placed(asset.bucket, places), _placed(asset.key, places)): asset
        for stack in stacks
        for asset in stack.assets
    }
    for bucket in {bucket for bucket, _ in objects}:
        location = cast("BucketLocationConstraintType", access.region)
        with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": location}
            )
    with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
        uploads = [
            pool.submit(client.put_object, Bucket=bucket, Key=key, Body=packed(asset))
            for (bucket, key), asset in objects.items()
        ]
        for upload in uploads:
            upload.result()


def packed(asset: Asset) -> bytes:
    """Return the object for S3: the file as it is, or the folder as a zip with its paths kept."""
    if asset.packaging != "zip":
        return asset.path.read_bytes()
    content = io.BytesIO()
    # Stored, not deflated: the engine unpacks at once, so compressing would only cost time.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:
        for path in sorted(asset.path.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(asset.path))
    return content.getvalue()


def _template_url(access: Access, stack: StackTemplate, places: Mapping[str, str]) -> str:
    asset = next(each for each in stack.assets if each.path == stack.template)
    bucket, key = _placed(asset.bucket, places), _placed(asset.key, places)
    return f"{access.endpoint_url}/{bucket}/{key}"


def _placed(text: str, places: Mapping[str, str]) -> str:
    for placeholder, value in places.items():
        text = text.replace(placeholder, value)
    return text
