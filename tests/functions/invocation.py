"""A Lambda context for a handler, and the handler's output."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pytest

from couponbus.domain.errors import LedgerUnavailable
from couponbus.usecases.causes import Cause, cause_of

type Json = dict[str, object]

NAMESPACE = "couponbus"
THROTTLED = LedgerUnavailable("write: ThrottlingException", code="write:ThrottlingException")


def failing(*message_ids: str) -> dict[str, Cause]:
    """Return that these messages come again, because the ledger is throttled."""
    return dict.fromkeys(message_ids, cause_of(THROTTLED))


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeContext:
    """The part of Lambda's context that handlers use; time stands still."""

    aws_request_id: str = "request-1"
    milliseconds: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass(frozen=True, slots=True)
class Printed:
    """What one invocation wrote to its output, each line JSON."""

    lines: Sequence[Json]

    @property
    def logs(self) -> list[Json]:
        return [line for line in self.lines if "_aws" not in line]

    @property
    def metrics(self) -> list[Json]:
        return [line for line in self.lines if "_aws" in line]

    @property
    def only_metrics(self) -> Mapping[str, float]:
        """Return the values of the one metric record, checked to be in its declared form."""
        (record,) = self.metrics
        declared = {str(each["Name"]) for each in _declared(record)}
        values = {name: _number(record[name]) for name in declared}
        assert {str(each["Unit"]) for each in _declared(record)} <= {"Count", "Seconds", "Percent"}
        return values

    @property
    def units(self) -> Mapping[str, str]:
        """Return the unit of each metric of the one record."""
        (record,) = self.metrics
        return {str(each["Name"]): str(each["Unit"]) for each in _declared(record)}


@dataclass(frozen=True, slots=True)
class Output:
    """The one stream of logs and metrics, as in Lambda."""

    logs: io.StringIO
    rest: pytest.CaptureFixture[str]

    def read(self) -> Printed:
        """Return the output since the last read."""
        lines = [*self.logs.getvalue().splitlines(), *self.rest.readouterr().out.splitlines()]
        self.logs.seek(0)
        self.logs.truncate()
        return Printed([json.loads(line) for line in lines])


def _declared(record: Json) -> Iterator[Json]:
    about = record["_aws"]
    assert isinstance(about, dict)
    (directive,) = about["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert directive["Dimensions"] == [["stage", "service"]]
    yield from directive["Metrics"]


def _number(value: object) -> float:
    (number,) = value if isinstance(value, list) else (value,)
    assert isinstance(number, int | float)
    return float(number)
