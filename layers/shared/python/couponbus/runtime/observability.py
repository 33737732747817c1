"""One log line and one metric record for each batch; counts and ids only, never a payload."""

import os
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

if TYPE_CHECKING:
    from couponbus.usecases.causes import Cause
    from couponbus.usecases.traces import ByOutcome

NAMESPACE = "couponbus"  # where none is set
NAMED = 20
NOTHING: "Mapping[Cause, int]" = MappingProxyType({})
TRACES_MAX = 200  # a line of as many has 16 KB; CloudWatch takes 256 KB


class Observability:
    """The logs and metrics of one function; the service name is that of its folder."""

    def __init__(self, *, service: str) -> None:
        """Log under the name of this function."""
        self._service = service
        self._logger = Logger(service=service)

    def report(
        self,
        what: str,
        *,
        request_id: str,
        counts: Mapping[str, float],
        details: Mapping[str, object] | None = None,
    ) -> None:
        """Log what happened (`details` as for an alarm); publish each count as a metric (EMF)."""
        fields = {"request_id": request_id, "counts": dict(counts), **(details or {})}
        self._logger.info(what, extra=fields)
        if not counts:
            return
        metrics = EphemeralMetrics(
            namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE),
            service=self._service,
        )
        # Without it a second stage in the account would keep the alarms of the first one quiet.
        metrics.add_dimension(name="stage", value=os.environ.get("STAGE", "unknown"))
        for name, value in counts.items():
            metrics.add_metric(name=name, unit=_unit_of(name), value=value)
        metrics.flush_metrics()

    def alarm(self, what: str, *, request_id: str, details: Mapping[str, object]) -> None:
        """Log what an operator must look at; `details` hold ids that are safe to read."""
        self._logger.error(what, extra={"request_id": request_id, **details})

    def name_broken(self, keys: Collection[str], *, request_id: str) -> None:
        """Log the first rows that can neither be read nor stored, if there are any."""
        if keys:
            named = sorted(keys)[:NAMED]
            self.alarm("rows broken", request_id=request_id, details={"keys": named})


def _unit_of(metric: str) -> MetricUnit:
    """Return the unit that the name of a metric ends with, else that of a count."""
    if metric.endswith("Seconds"):
        return MetricUnit.Seconds
    return MetricUnit.Percent if metric.endswith("Share") else MetricUnit.Count


def traces_in_line(traces: "ByOutcome") -> dict[str, object]:
    """Return the traces by outcome as a line has them: so many at most, and how many are left out.

    `rows` has at each place the key of a row of the trace, if there is one: no index leads from a
    trace to its rows. Of too many traces those of the first outcomes stay.
    """
    if not traces:
        return {}
    every = [(what, *pair) for what, pairs in traces.items() for pair in pairs.items()]
    named: dict[str, list[str]] = {}
    rows: dict[str, list[str]] = {}
    for what, trace_id, key in every[:TRACES_MAX]:
        named.setdefault(what, []).append(trace_id)
        rows.setdefault(what, []).append(key)
    left_out = len(every) - TRACES_MAX
    more = {"traces_left_out": left_out} if left_out > 0 else {}
    return {"traces": named, "rows": rows, **more}


def failures_in_line(
    causes: Mapping[str, "Cause"], *, undone: Mapping["Cause", int] = NOTHING
) -> dict[str, object]:
    """Return why each message comes again, and how many rows were left, as a line has it."""
    failed: list[dict[str, object]] = [
        {"message": message, "why": why} for message, why in causes.items()
    ]
    failed += [{"rows": rows, "why": why} for why, rows in undone.items()]
    return {"failed": failed} if failed else {}
