"""A minimal project for synthesis, without built layers."""

import json
from dataclasses import replace
from pathlib import Path

from aws_cdk import App

from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra.app import build_stage, feature_flags
from infra.sources import ROOT, Sources
from tests.infra.assembly import Assembly
from tests.infra.stages import DEV

FUNCTIONS = (
    "issue_barcodes",
    "publish_events",
    "sweep_due",
    "audit_barcodes",
    "schedule_polls",
    "poll_redemptions",
    "fan_out_webhooks",
    "deliver_webhooks",
    "receive_callback",
)


def small_project(folder: Path) -> Sources:
    """Write small functions and layers, and files that must not get into an asset."""
    for name in FUNCTIONS:
        _write(folder / "functions" / name, "handler.py", "wiring.py", "__pycache__/handler.pyc")
    _write(folder, "README.md", "tests/test_it.py", ".env", "functions/README.md")
    _write(folder / "layers" / "shared" / "python" / "couponbus", "__init__.py", "old.pyc")
    for arch in ("arm64", "x86_64"):
        _write(folder / "vendor" / arch / "python", "wheel.py", "__pycache__/wheel.pyc")
    return Sources(root=folder, vendor=folder / "vendor")


def synthesised(sources: Sources, outdir: Path, *, stage: StageConfig = DEV) -> Assembly:
    app_of(sources, outdir, stage=stage).synth()
    return Assembly(outdir, stage.name)


def app_of(
    sources: Sources, outdir: Path, *, stage: StageConfig = DEV, names: Names | None = None
) -> App:
    app = App(analytics_reporting=False, outdir=str(outdir), context=feature_flags())
    build_stage(app, stage, names=names or Names(stage=stage.name), sources=sources)
    return app


def with_accounts(stage: StageConfig, number: int) -> StageConfig:
    """Return the stage with so many accounts of each provider, each like its first one."""
    names = [f"brand-of-the-agency-{each:02}" for each in range(number)]
    return replace(
        stage,
        accounts=tuple(replace(stage.accounts[0], name=each) for each in names),
        uniqodo_accounts=tuple(replace(stage.uniqodo_accounts[0], name=each) for each in names),
        koupon_accounts=tuple(replace(stage.koupon_accounts[0], name=each) for each in names),
    )


def cdk_json() -> dict[str, object]:
    settings: dict[str, object] = json.loads((ROOT / "cdk.json").read_text())
    return settings


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# nothing\n")
