"""An ephemeral stage in an account at AWS: simulators, the product, the laboratory; and its end."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from couponbus_cli.app.stage import CONFIG
from couponbus_config.file import DEFAULT_FILE
from couponbus_config.names import STACKS, Names
from couponbus_sandbox.coniq import ConiqSettings
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.process import ROOT
from couponbus_sandbox.koupon import KouponSettings
from couponbus_sandbox.local.simulators import keys_of
from couponbus_sandbox.uniqodo import UniqodoSettings
from infra.node import bundled_node
from infra.sources import in_repository
from tests.aws_smoke.beside import NotDeployed, deployed_beside, leftovers
from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.engine_stage import LIMITED, PROGRAMS
from tests.aws_smoke.simulators.stack import PART, write_assembly
from tests.aws_smoke.stacks import GONE, Stacks

INSTALLATION = "smoke"
CDK = ROOT / ".cdk" / "package" / "bin" / "cdk"
PATIENCE = 10.0
ARCHITECTURE = "arm64"
PLAN = """Stage {base} in account {account}, {region}, which is deleted at the end:
- {base}-simulators: a function with a public URL below a secret path
- {base}-*: all stacks of couponbus, with alarms that notify a queue of the laboratory
- {base}-laboratory, -once, -giver, -reader: queues, tables and functions for the questions
Only the packed code stays, in the bucket of the bootstrap.
It takes about an hour, most of it waiting for the archive and for metrics. At list prices it costs
roughly USD 0.10 to 0.50, which was estimated, and not billed: it was never run on AWS.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """The commands that deploy: they end with an exception where they fail."""

    push: Callable[[Path], None]
    synthesise: Callable[[Path, str], Path]
    apply_programs: Callable[[Path, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsStage:
    """`pause` is how long it waits between two questions about a stack."""

    name: str
    access: Access
    tools: Tools
    folder: Path
    secret_path: str
    pause: float

    @property
    def names(self) -> Names:
        """Return the names of the stage, which is one of an installation of its own."""
        return Names(installation=INSTALLATION, stage=self.name)

    @property
    def stacks(self) -> Stacks:
        """Return the stacks of the account."""
        return Stacks(client=self.access.cloudformation(), pause=self.pause)

    def plan(self) -> str:
        """Return what is created, and what it costs."""
        account = self.access.sts().get_caller_identity()["Account"]
        return PLAN.format(base=self.names.base, account=account, region=self.access.region)

    @property
    def parts(self) -> Sequence[str]:
        """Return the names of all stacks, in the order of their deletion."""
        return [*leftovers(self.names), *map(self.names.of, (*reversed(STACKS), PART))]

    def is_taken(self) -> bool:
        """Return whether a stack has one of the names: what has it would be deleted at the end."""
        return any(self.stacks.status(name) != GONE for name in self.parts)

    def deploy(self) -> Cloud:
        """Deploy everything, and return what facts ask."""
        url = self._simulators()
        (self.folder / DEFAULT_FILE).write_text(json.dumps(described(self.name, url)))
        self.tools.push(self.tools.synthesise(self.folder, self.name))
        secrets = self.access.secrets()
        keys = keys_of(ConiqSettings(), UniqodoSettings(), KouponSettings())
        for part, key in keys.items():
            secrets.put_secret_value(SecretId=self.names.secret(part), SecretString=key)
        self.tools.apply_programs(self.folder, self.name)
        outputs = self.stacks.outputs(self.names.of("workers"))
        return deployed_beside(
            access=self.access,
            names=self.names,
            stacks=self.stacks,
            api_url=outputs["CallbacksUrl"].rstrip("/"),
            patience=PATIENCE,
        )

    def destroy(self) -> Sequence[str]:
        """Delete all stacks, and return those that may still be there."""
        return self.stacks.destroy(self.parts)

    def _simulators(self) -> str:
        assembly = self.folder / PART
        write_assembly(
            assembly,
            name=self.names.of(PART),
            secret_path=self.secret_path,
            sources=in_repository(),
            architecture=ARCHITECTURE,
        )
        self.tools.push(assembly)
        return f"{self.stacks.outputs(self.names.of(PART))['Url'].rstrip('/')}/{self.secret_path}"


def described(name: str, url: str) -> Mapping[str, object]:
    """Return the file of the installation: one stage, all of whose providers are simulated."""
    providers = ("coniq", "uniqodo", "koupon")
    accounts = {each: [{"name": "main", "base_url": f"{url}/{each}"}] for each in providers}
    # The address is never confirmed, so nothing is sent there: the topic has a queue as well.
    stage = {**accounts, **LIMITED, "removal": "destroy", "alarm_to": [f"{url}/alarms"]}
    return {"name": INSTALLATION, "stages": {name: stage}}


def cdk_tools(cdk: Path) -> Tools:
    """Return this CDK CLI, our synthesis and our command, with the caller's credentials."""
    return Tools(
        push=lambda assembly: _push(cdk, assembly),
        synthesise=synthesise,
        apply_programs=_apply_programs,
    )


def synthesise(folder: Path, stage: str) -> Path:
    """Write the assembly of the stage that the file in this folder describes."""
    assembly = folder / "product"
    context = {"stage": stage, "config": str(folder / DEFAULT_FILE)}
    variables = {"CDK_OUTDIR": str(assembly), "CDK_CONTEXT_JSON": json.dumps(context)}
    _run([sys.executable, "-m", "infra.app"], cwd=ROOT, **variables)
    return assembly


def _push(cdk: Path, assembly: Path) -> None:
    deploy = (str(bundled_node()), str(cdk), "deploy", "--app", str(assembly), "--all")
    _run([*deploy, "--require-approval", "never", "--progress", "events"], cwd=assembly)


def _apply_programs(folder: Path, stage: str) -> None:
    command = [sys.executable, "-m", "couponbus_cli.main", "programs", "apply", str(PROGRAMS)]
    # The caller's shell may name another installation, which may have a stage of this name.
    _run([*command, "--stage", stage], cwd=folder, **{CONFIG: str(folder / DEFAULT_FILE)})


def _run(command: Sequence[str], *, cwd: Path, **variables: str) -> None:
    # Standard output is for the answers.
    ended = subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, stdout=sys.stderr, check=False
    )
    if ended.returncode:
        raise NotDeployed(f"{' '.join(command[:4])} ... ended with {ended.returncode}")
