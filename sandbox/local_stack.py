"""The whole product on this machine: simulator, engine and the deployed template, in one block."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sandbox.coniq import ConiqSandbox, ConiqSettings, coniq_server
from sandbox.engine.access import Access
from sandbox.engine.deploy import deploy
from sandbox.engine.process import engine
from sandbox.engine.stacks import Resource, Stack
from sandbox.synthesis import STAGE, synthesise

NAMESPACE = f"couponbus-{STAGE}"
# The engine knows neither composite alarms nor dashboards; template tests cover that stack.
NOT_DEPLOYED = ("monitoring",)
# Settings for a stack that somebody watches. A deployed stage waits for minutes, because nobody
# knows how late Coniq's worst answer is; here it is known.
QUICK: Mapping[str, object] = {
    "calls_per_second": 100,
    "timing": {
        "settle": 5,
        "answered_settle": 1,
        "between_looks": 1,
        "publish_grace": 5,
        "handover": 5,
    },
}
BUS = "AWS::Events::EventBus"
FUNCTION = "AWS::Lambda::Function"
QUEUE = "AWS::SQS::Queue"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type, not a secret
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """The running product; names of queues and functions are those after `couponbus-local-`."""

    access: Access
    coniq: ConiqSandbox
    stacks: Mapping[str, Stack]
    bus: str
    table: str
    queues: Mapping[str, str]
    functions: Mapping[str, str]

    @property
    def sandbox(self) -> Mapping[str, str]:
        """The simulators' URLs by provider."""
        return {"coniq": self.coniq.url}


@contextlib.contextmanager
def local_stack(
    *,
    context: Mapping[str, object] | None = None,
    coniq: ConiqSettings | None = None,
    coniq_port: int = 0,
    assembly: Path | None = None,
) -> Iterator[LocalStack]:
    """Start everything, deploy the template, and stop everything at the end.

    `context` overrides settings of the stage. An `assembly` that exists saves the synthesis; it
    must have been synthesised for stage local and the URL of `coniq_port`.
    Raise EngineFailed, SynthesisFailed or StackFailed.
    """
    settings = coniq or ConiqSettings()
    with (
        coniq_server(settings, port=coniq_port) as simulator,
        tempfile.TemporaryDirectory(prefix="couponbus-") as folder,
        ThreadPoolExecutor(1) as background,
    ):
        asked = {"coniq_url": simulator.url, **(context or {})}
        # Beside the engine's start, as synthesis takes longer than everything else.
        ready = background.submit(lambda: assembly or synthesise(into=Path(folder), context=asked))
        with engine() as access:
            stacks = deploy(access=access, assembly=ready.result(), excluded=NOT_DEPLOYED)
            _hand_over_keys(access, stacks, settings)
            yield _described(access, simulator, stacks)


def _described(access: Access, simulator: ConiqSandbox, stacks: Mapping[str, Stack]) -> LocalStack:
    resources = [resource for stack in stacks.values() for resource in stack.resources]
    return LocalStack(
        access=access,
        coniq=simulator,
        stacks=stacks,
        bus=_only(resources, BUS),
        table=_only(resources, *TABLES),
        queues=_by_short_name(resources, QUEUE),
        functions=_by_short_name(resources, FUNCTION),
    )


def _only(resources: list[Resource], *types: str) -> str:
    [found] = [each.physical_id for each in resources if each.type in types]
    return found


def _by_short_name(resources: list[Resource], kind: str) -> dict[str, str]:
    """Return physical ids (a queue's is its URL) by the last part of the name."""
    return {
        each.physical_id.rpartition("/")[2].removeprefix(f"{NAMESPACE}-"): each.physical_id
        for each in resources
        if each.type == kind
    }


def _hand_over_keys(access: Access, stacks: Mapping[str, Stack], settings: ConiqSettings) -> None:
    """Put the simulator's keys where an operator would put the real ones."""
    client = access.secrets()
    resources = [resource for stack in stacks.values() for resource in stack.resources]
    for account in settings.accounts:
        for resource in resources:
            if resource.type == SECRET and f"/coniq/{account.name}-" in resource.physical_id:
                client.put_secret_value(SecretId=resource.physical_id, SecretString=account.api_key)
