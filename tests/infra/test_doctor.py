"""What `couponbus doctor` compares an account with is what the templates need."""

import json

from couponbus_cli.doctor.account_checks import BOOTSTRAP, TICKS, USUAL_CONCURRENCY
from couponbus_config.names import STACKS
from infra.sources import ROOT
from tests.infra.assembly import Assembly


def test_the_bootstrap_version_is_the_one_that_the_assembly_requires(prod: Assembly) -> None:
    artifacts = json.loads((prod.folder / "manifest.json").read_text())["artifacts"].values()

    required = {
        each["properties"]["requiresBootstrapStackVersion"]
        for each in artifacts
        if "requiresBootstrapStackVersion" in each.get("properties", {})
    }

    guide = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

    assert max(required) == BOOTSTRAP
    assert f"version {BOOTSTRAP} or later" in guide


def test_before_a_deployment_it_asks_for_what_prod_runs_at_once(prod: Assembly) -> None:
    mappings = [each.properties for each in prod.of("AWS::Lambda::EventSourceMapping")]

    at_once = sum(
        each["ScalingConfig"]["MaximumConcurrency"]
        if "ScalingConfig" in each
        else each["ParallelizationFactor"]
        for each in mappings
    )

    assert USUAL_CONCURRENCY * 0.8 < at_once + TICKS <= USUAL_CONCURRENCY
    assert len(prod.of("AWS::Scheduler::Schedule")) == TICKS


def test_it_knows_every_stack(prod: Assembly) -> None:
    assert set(prod.templates) == set(STACKS)
