"""An account's own bootstrap and boundary hold for every role and every asset."""

import json
from pathlib import Path

from aws_cdk import App

from couponbus_config.names import Names
from infra.app import build_stage, feature_flags
from infra.sources import Sources
from tests.infra.assembly import Assembly
from tests.infra.stages import DEV

CONTEXT = {
    "@aws-cdk/core:permissionsBoundary": {"name": "limits"},
    "@aws-cdk/core:bootstrapQualifier": "mine",
}


def test_all_roles_have_the_boundary_and_all_assets_the_qualifier(
    project: Sources, tmp_path: Path
) -> None:
    app = App(analytics_reporting=False, outdir=str(tmp_path), context=feature_flags() | CONTEXT)
    build_stage(app, DEV, names=Names(stage=DEV.name), sources=project)
    app.synth()
    roles = [
        body["Properties"]
        for template in Assembly(tmp_path, DEV.name).templates.values()
        for body in template["Resources"].values()
        if body["Type"] == "AWS::IAM::Role"
    ]
    assert roles and all(
        "policy/limits" in json.dumps(each["PermissionsBoundary"]) for each in roles
    )
    written = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    assert "cdk-mine-deploy-role" in written and "cdk-mine-assets" in written
    assert "hnb659fds" not in written
