"""A local stack that runs only its simulators."""

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, cast

from mypy_boto3_lambda import LambdaClient

from couponbus_config.names import Names
from couponbus_sandbox.coniq import ConiqSettings
from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.local.callbacks import Callbacks
from couponbus_sandbox.local.moving_clock import MovingClock
from couponbus_sandbox.local.simulators import simulators
from couponbus_sandbox.local.stack import LocalStack


class AnsweringAccess(Access):
    """An engine whose functions always return the same answer, or raise it."""

    answer: ClassVar[Mapping[str, object]] = {}
    failure: ClassVar[str | None] = None

    def functions(self) -> LambdaClient:
        return cast(LambdaClient, self)

    def invoke(self, **_asked: str) -> Mapping[str, object]:
        failed = {} if self.failure is None else {"FunctionError": self.failure}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **failed}


def access_as(kind: type[AnsweringAccess]) -> Access:
    nowhere = Path("none")
    return kind(
        endpoint_url="https://127.0.0.1:1",
        region="eu-west-1",
        ca_bundle=nowhere,
        log=nowhere,
        pid=0,
    )


@contextlib.contextmanager
def without_engine(folder: Path, *, access: Access | None = None) -> Iterator[LocalStack]:
    with simulators(ConiqSettings()) as running:
        yield LocalStack(
            access=access or access_as(AnsweringAccess),
            simulators=running,
            clock=MovingClock(folder / "clock"),
            names=Names(stage="local"),
            stacks={},
            bus="none",
            table="none",
            queues={},
            functions={"sweep_due": "couponbus-local-sweep_due"},
            callbacks=Callbacks(url="none", sign_ups_secret="none", hints_secret="none"),
        )
