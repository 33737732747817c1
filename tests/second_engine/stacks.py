"""Deploys one template to the second engine."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.stacks import Stack, deploy_stack

BUCKET = "templates"


def deployed_by(access: Access, *, name: str, template: Mapping[str, Any]) -> Stack:
    """Create or update a stack, by a bucket: a body may have 51,200 bytes.

    Raise StackFailed when the engine refuses the template or gives up on a resource.
    """
    _store_parameters(access, template)
    client = access.s3()
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    client.put_object(Bucket=BUCKET, Key=name, Body=json.dumps(template).encode())
    return deploy_stack(
        client=access.cloudformation(),
        name=name,
        template_url=f"{access.endpoint_url}/{BUCKET}/{name}",
        protection="unprotected",
    )


def _store_parameters(access: Access, template: Mapping[str, Any]) -> None:
    """Store what CDK's bootstrap and the stacks with functions would have: any text will do."""
    for parameter in template.get("Parameters", {}).values():
        if parameter["Type"] == "AWS::SSM::Parameter::Value<String>":
            access.ssm().put_parameter(
                Name=parameter["Default"], Value="30", Type="String", Overwrite=True
            )
