"""The stage of this machine, with its simulators and a laboratory beside it."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from couponbus_config.names import LOCAL, Names
from couponbus_sandbox.local.operating import apply_programs
from couponbus_sandbox.local.stack import ALARMED, QUICK, LocalStack, local_stack
from tests.aws_smoke.beside import deployed_beside, leftovers
from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.stacks import Stacks

PAUSE = 0.1
PROGRAMS = Path(__file__).parent / "programs.yaml"
# So few that a burst of requests is more.
LIMITED: Mapping[str, object] = {"callback_rate": 5, "callback_burst": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStage:
    """A new engine with all of it, which ends with `destroy`."""

    _open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def plan(self) -> str:
        """Return what is created."""
        return "The stage local on an engine of this machine, with simulators and a laboratory\n"

    @property
    def parts(self) -> Sequence[str]:
        """Return nothing: all of it ends with the engine."""
        return ()

    def is_taken(self) -> bool:
        """Return that there is none: the engine is new."""
        return False

    def deploy(self) -> Cloud:
        """Deploy everything, and return what facts ask."""
        settings = {**QUICK, **ALARMED, **LIMITED}
        stack = self._open.enter_context(local_stack(settings=settings))
        apply_programs(stack, PROGRAMS)
        return self._open.enter_context(beside(stack))

    def destroy(self) -> Sequence[str]:
        """Delete the laboratory, and end the engine."""
        self._open.close()
        return ()


@contextlib.contextmanager
def beside(stack: LocalStack) -> Iterator[Cloud]:
    """Deploy a laboratory beside a running stage, and destroy it with the block."""
    stacks = Stacks(client=stack.access.cloudformation(), pause=PAUSE)
    cloud = deployed_beside(
        access=stack.access,
        names=Names(stage=LOCAL),
        stacks=stacks,
        api_url=stack.callbacks.url,
        patience=4,
    )
    try:
        yield cloud
    finally:
        stacks.destroy(leftovers(cloud.names))
