"""Synthesises the stacks of one stage: `python -m infra.app`, with or without the CDK CLI."""

import json
import os
import sys
from pathlib import Path

# Imported before anything that imports aws_cdk: it points jsii at the bundled Node.
import infra.node  # noqa: F401

# isort: split
from aws_cdk import Annotations, App, Aspects, Stack
from constructs import IConstruct

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import DEFAULT_FILE, read_installation
from couponbus_config.names import Names
from couponbus_config.stage import StageConfig
from infra import issuing_concurrency, polling_budget
from infra.aws_endpoint import refuse_loopback
from infra.encryption import Encryption, refuse_key_elsewhere
from infra.guardrails import Guardrails
from infra.limits import refuse_beyond
from infra.release.assembly import take_back
from infra.removal import keeps_data
from infra.sources import ROOT, Sources, in_repository, working_in
from infra.stacks.ledger import Ledger
from infra.stacks.messaging import Messaging
from infra.stacks.monitoring import Monitoring
from infra.stacks.state import State
from infra.stacks.workers import Workers

OUT = "CDK_OUTDIR"


def build(app: App, *, sources: Sources) -> None:
    """Add the stacks of the stage that the context names, of the file that it names.

    Raise ConfigurationError if it cannot.
    """
    file = app.node.try_get_context("config") or DEFAULT_FILE
    installation = read_installation(Path(str(file)))
    stage = installation.stage(str(app.node.try_get_context("stage") or ""))
    build_stage(app, stage, names=installation.names(stage.name), sources=sources)


def build_stage(app: App, stage: StageConfig, *, names: Names, sources: Sources) -> None:
    """Add the stacks of this stage."""
    refuse_loopback(stage.name, environment=os.environ)
    refuse_key_elsewhere(stage, environment=os.environ)
    ledger = Ledger(app, names.of("ledger"), stage=stage, names=names)
    state = State(app, names.of("state"), stage=stage, names=names)
    messaging = Messaging(app, names.of("messaging"), stage=stage, names=names)
    workers = Workers(
        app,
        names.of("workers"),
        stage=stage,
        names=names,
        sources=sources,
        ledger=ledger,
        state=state,
        messaging=messaging,
    )
    monitor(app, stage, names, after=workers)
    Aspects.of(app).add(Guardrails(stage=stage))
    if stage.kms != "none":
        Aspects.of(app).add(Encryption(stage=stage, names=names))
    warn(workers, stage)
    mark(app, stage, names)


def mark(app: App, stage: StageConfig, names: Names) -> None:
    """Tag all stacks, and protect those of a stage that keeps its data from being deleted."""
    for stack in app.node.find_all():
        if isinstance(stack, Stack):
            stack.termination_protection = keeps_data(stage)
            stack.add_stack_tag("product", names.installation)
            stack.add_stack_tag("stage", stage.name)
            for each in stage.tags:
                stack.add_stack_tag(each.key, each.value)


def monitor(app: App, stage: StageConfig, names: Names, *, after: Stack) -> None:
    """Add what watches the stage, as much as the stage has of it."""
    if not stage.monitoring:
        return
    monitoring = Monitoring(app, names.of("monitoring"), stage=stage, names=names)
    monitoring.add_stack_dependency(after)
    if "dashboard" in stage.monitoring:
        monitoring.show(names=names)


def warn(scope: IConstruct, stage: StageConfig) -> None:
    """Add a warning for each call budget that is too small, and for a concurrency far off."""
    for number, warning in enumerate(polling_budget.warnings(stage)):
        Annotations.of(scope).add_warning_v2(f"couponbus:polling-budget-{number}", warning)
    for warning in issuing_concurrency.warnings(stage):
        Annotations.of(scope).add_warning_v2("couponbus:issuing-concurrency", warning)


def feature_flags() -> dict[str, object]:
    """Return the context of cdk.json, which only the CDK CLI would read by itself."""
    settings: dict[str, dict[str, object]] = json.loads((ROOT / "cdk.json").read_text())
    return settings["context"]


def main() -> None:
    """Write the cloud assembly to CDK_OUTDIR; end with one sentence when something is missing.

    What an earlier synthesis left there is gone, whatever comes of this one.
    """
    if OUT in os.environ:
        take_back(Path(os.environ[OUT]))
    app = App(analytics_reporting=False, context=feature_flags())
    try:
        work = app.node.try_get_context("work")
        build(app, sources=working_in(Path(work)) if work else in_repository())
        refuse_beyond(Path(app.synth().directory))
    except ConfigurationError as error:
        take_back(Path(app.outdir))
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
