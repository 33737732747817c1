"""A minimal project for synthesis, without built layers."""

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App

from infra.app import build, feature_flags
from infra.sources import ROOT, Sources
from tests.infra.assembly import Assembly

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
LOCAL: Mapping[str, object] = {
    "stage": "local",
    "coniq_url": "http://127.0.0.1:9",
    "uniqodo_url": "http://127.0.0.1:10",
    "koupon_url": "http://127.0.0.1:11",
    "clock_file": "/nowhere/clock",
}
ALARM_TO = "operator@example.com"


def small_project(folder: Path) -> Sources:
    """Write small functions and layers, and files that must not get into an asset."""
    for name in FUNCTIONS:
        _write(folder / "functions" / name, "handler.py", "wiring.py", "__pycache__/handler.pyc")
    _write(folder, "README.md", "tests/test_it.py", ".env", "functions/README.md")
    _write(folder / "layers" / "shared" / "python" / "couponbus", "__init__.py", "old.pyc")
    for arch in ("arm64", "x86_64"):
        _write(folder / "vendor" / arch / "python", "wheel.py", "__pycache__/wheel.pyc")
    return Sources(root=folder, vendor=folder / "vendor")


def synthesised(
    sources: Sources, outdir: Path, *, context: Mapping[str, object] = {"stage": "dev"}
) -> Assembly:
    app = app_of(sources, outdir, context=context)
    app.synth()
    return Assembly(outdir, str(context["stage"]))


def app_of(sources: Sources, outdir: Path, *, context: Mapping[str, object]) -> App:
    app = App(
        analytics_reporting=False,
        outdir=str(outdir),
        context=feature_flags() | {"alarm_to": ALARM_TO} | dict(context),
    )
    build(app, sources=sources)
    return app


def cdk_json() -> dict[str, object]:
    settings: dict[str, object] = json.loads((ROOT / "cdk.json").read_text())
    return settings


def _write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# nothing\n")
