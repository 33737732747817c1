"""The tenants that each source may name are configured in the function that checks them."""

import json
from dataclasses import replace
from pathlib import Path

from couponbus_config.producers import SourceTenants
from infra.sources import Sources
from tests.infra.project import synthesised
from tests.infra.stages import STAGES


def test_the_rules_of_a_stage_are_those_of_its_function(project: Sources, tmp_path: Path) -> None:
    rules = (SourceTenants(source="shop.acme", tenants=("acme", "default")),)
    stage = replace(STAGES["dev"], sign_up_tenants=rules)

    settings = synthesised(project, tmp_path, stage=stage).settings("issue_barcodes")

    assert json.loads(settings["SIGN_UP_TENANTS"]) == {"shop.acme": ["acme", "default"]}
