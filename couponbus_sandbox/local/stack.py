"""The whole product on this machine: simulators, engine and the deployed template, in one block."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from couponbus_config.file import read_installation
from couponbus_config.names import LOCAL, Names
from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.collectors import FIRST_COLLECTORS
from couponbus_sandbox.engine.deploy import deploy
from couponbus_sandbox.engine.process import engine, scratch_folder
from couponbus_sandbox.engine.stacks import Resource, Stack
from couponbus_sandbox.koupon import KouponSandbox
from couponbus_sandbox.local.callbacks import Callbacks, callbacks_of
from couponbus_sandbox.local.moving_clock import MovingClock
from couponbus_sandbox.local.simulators import Simulators, simulators
from couponbus_sandbox.local.stage_file import described, write_stage_file
from couponbus_sandbox.local.synthesis import synthesis, this_machine
from couponbus_sandbox.uniqodo import UniqodoSandbox

# The setting of a stack with its alarms and their topic.
ALARMED: Mapping[str, object] = {"monitoring": ["alarms"]}
# Settings for interactive use. A deployed stage waits for minutes, because Coniq's slowest answer
# is not known; the simulator's is.
QUICK: Mapping[str, object] = {
    "calls_per_second": 500,
    "timing": {
        "settle": 5,
        "answered_settle": 1,
        "between_look_ups": 1,
        "publish_grace": 5,
        "handover": 5,
    },
}
BUS = "AWS::Events::EventBus"
FUNCTION = "AWS::Lambda::Function"
QUEUE = "AWS::SQS::Queue"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type, not a secret
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


class FunctionFailed(Exception):
    """A function ended with an error; the message is what it raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStack:
    """The running product; names of queues and functions are those after `names.base`."""

    access: Access
    simulators: Simulators
    clock: MovingClock
    names: Names
    stacks: Mapping[str, Stack]
    bus: str
    table: str
    queues: Mapping[str, str]
    functions: Mapping[str, str]
    callbacks: Callbacks

    @property
    def coniq(self) -> ConiqSandbox:
        """The simulated Coniq."""
        return self.simulators.coniq

    @property
    def uniqodo(self) -> UniqodoSandbox:
        """The simulated Uniqodo."""
        return self.simulators.uniqodo

    @property
    def koupon(self) -> KouponSandbox:
        """The simulated Koupon."""
        return self.simulators.koupon

    @property
    def sandbox(self) -> Mapping[str, str]:
        """The simulators' URLs by provider."""
        return self.simulators.urls

    def move_clock(self, *, seconds: float) -> None:
        """Move the time of functions and simulators together, when no function is calling one.

        A call that is in flight meanwhile is signed for another time than it arrives at. The
        engine keeps the machine's time: no queue and no schedule comes sooner.
        """
        self.clock.advance(seconds=seconds)
        self.simulators.advance_clocks(seconds=seconds)

    def invoke(self, function: str) -> Mapping[str, object]:
        """Invoke a function's alias as a schedule would, and return its answer.

        Raise FunctionFailed.
        """
        answer = self.access.functions().invoke(FunctionName=f"{self.functions[function]}:live")
        payload: dict[str, object] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise FunctionFailed(f"{function}: {payload.get('errorMessage', payload)}")
        return payload


@contextlib.contextmanager
def local_stack(
    *,
    settings: Mapping[str, object] | None = None,
    config: Path | None = None,
    coniq: ConiqSettings | None = None,
    collectors: int = FIRST_COLLECTORS,
) -> Iterator[LocalStack]:
    """Start everything, deploy the template, and stop everything at the end.

    `settings` override those of the stage `local`, which the file `config` describes, or the one
    in this folder, or the shipped one. Raise ConfigurationError, EngineFailed, SynthesisFailed or
    StackFailed.
    """
    source = described(config)
    with (
        simulators(coniq or ConiqSettings()) as running,
        scratch_folder() as folder,
    ):
        clock = MovingClock(folder / "clock")
        moved = {"clock_file": str(clock.path), **this_machine()}
        stage_file = write_stage_file(
            folder, source=source, urls=running.urls, overrides={**moved, **(settings or {})}
        )
        # Beside the engine's start, as synthesis takes longer than everything else.
        with (
            synthesis(folder=folder, stage_file=stage_file) as begun,
            engine(clock_file=clock.path, collectors=collectors) as access,
        ):
            stacks = deploy(access=access, assembly=begun.result())
            _hand_over_keys(access, stacks, running.keys)
            names = read_installation(stage_file).names(LOCAL)
            yield _described(access, running, clock, names, stacks)


def _described(
    access: Access,
    running: Simulators,
    clock: MovingClock,
    names: Names,
    stacks: Mapping[str, Stack],
) -> LocalStack:
    resources = [resource for stack in stacks.values() for resource in stack.resources]
    return LocalStack(
        access=access,
        simulators=running,
        clock=clock,
        names=names,
        stacks=stacks,
        bus=_only(resources, BUS),
        table=_only(resources, *TABLES),
        queues=_by_short_name(resources, QUEUE, names),
        functions=_by_short_name(resources, FUNCTION, names),
        callbacks=callbacks_of(access, resources, names=names),
    )


def _only(resources: list[Resource], *types: str) -> str:
    [found] = [each.physical_id for each in resources if each.type in types]
    return found


def _by_short_name(resources: list[Resource], kind: str, names: Names) -> dict[str, str]:
    """Return physical ids (a queue's is its URL) by the last part of the name."""
    return {
        each.physical_id.rpartition("/")[2].removeprefix(names.of("")): each.physical_id
        for each in resources
        if each.type == kind
    }


def _hand_over_keys(access: Access, stacks: Mapping[str, Stack], keys: Mapping[str, str]) -> None:
    """Put the simulators' keys where an operator would put the real ones."""
    client = access.secrets()
    resources = [resource for stack in stacks.values() for resource in stack.resources]
    secrets = [each.physical_id for each in resources if each.type == SECRET]
    for account, key in keys.items():
        provider = account.partition("/")[0]
        for secret in secrets:
            if f"/{provider}/" in secret:
                client.put_secret_value(SecretId=secret, SecretString=key)
