"""The real handlers as Lambda runs them, with the metrics that Lambda itself reports.

Modelled, not AWS: invocations of a minute begin at its first second and do not see how long the
others take; one that takes longer than its timeout has failed, though its work is done.
"""

import io
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.audit_barcodes.handler import handler as audit_barcodes
from functions.deliver_webhooks.handler import handler as deliver_webhooks
from functions.fan_out_webhooks.handler import handler as fan_out_webhooks
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.poll_redemptions.handler import handler as poll_redemptions
from functions.publish_events.handler import handler as publish_events
from functions.receive_callback.handler import handler as receive_callback
from functions.schedule_polls.handler import handler as schedule_polls
from functions.sweep_due.handler import handler as sweep_due
from tests.incidents.datapoints import Datapoints, Minute, metric_key, minute_of
from tests.incidents.stage import Stage

NAMESPACE = "AWS/Lambda"
HANDLERS: Mapping[str, Callable[..., object]] = {
    "audit_barcodes": audit_barcodes,
    "deliver_webhooks": deliver_webhooks,
    "fan_out_webhooks": fan_out_webhooks,
    "issue_barcodes": issue_barcodes,
    "poll_redemptions": poll_redemptions,
    "publish_events": publish_events,
    "receive_callback": receive_callback,
    "schedule_polls": schedule_polls,
    "sweep_due": sweep_due,
}
_request_ids = itertools.count()


class FunctionFailed(Exception):
    """An invocation raised, or was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedContext:
    """Lambda's context: the time that is left, such that the deadline is one of simulated time."""

    aws_request_id: str
    until: datetime

    def get_remaining_time_in_millis(self) -> int:
        # Handlers add this to the machine's own time.
        return int((self.until - datetime.now(UTC)).total_seconds() * 1000)


class Functions:
    """The functions of a stage."""

    def __init__(self, stage: Stage, *, datapoints: Datapoints) -> None:
        self._stage = stage
        self._datapoints = datapoints

    def invoke(self, function: str, event: object) -> object:
        """Run a handler, and keep what it wrote. Raises FunctionFailed."""
        clock, limit = self._stage.clock, self._stage.template.timeouts[function]
        if function in self._stage.throttled:
            self._put("Throttles", function, 1.0, minute=minute_of(clock.present))
            raise FunctionFailed("TooManyRequestsException")
        began, output = clock.present, io.StringIO()
        self._stage.ledger.caller = function
        context = SimulatedContext(
            aws_request_id=f"request-{next(_request_ids)}", until=began + timedelta(seconds=limit)
        )
        answer: object = None
        failure: str | None = None
        try:
            if function in self._stage.broken:
                raise FunctionFailed("Runtime.ImportModuleError")
            with redirect_stdout(output), _environment_of(self._stage):
                answer = HANDLERS[function](event, context, service=self._stage.services[function])
        except Exception as error:
            failure = type(error).__name__
        lasted = (clock.present - began).total_seconds()
        clock.present = began
        if failure is None and lasted > limit:
            failure = "Task timed out"
        minute = minute_of(began)
        self._datapoints.put_lines(output.getvalue().splitlines(), minute=minute)
        self._report(function, minute, seconds=min(lasted, limit), failed=failure is not None)
        if failure is not None:
            raise FunctionFailed(failure)
        return answer

    def _report(self, function: str, minute: Minute, *, seconds: float, failed: bool) -> None:
        self._put("Errors", function, float(failed), minute=minute)
        self._put("Duration", function, seconds * 1000, minute=minute, unit="Milliseconds")

    def _put(
        self, name: str, function: str, value: float, *, minute: Minute, unit: str = "Count"
    ) -> None:
        named = {"FunctionName": f"couponbus-{self._stage.name}-{function}"}
        key = metric_key(NAMESPACE, name, **named)
        self._datapoints.put(key, value, minute=minute, unit=unit)


@contextmanager
def _environment_of(stage: Stage) -> Iterator[None]:
    """Let a handler see the name of its stage, as Lambda sets it."""
    before = os.environ.get("STAGE")
    os.environ["STAGE"] = stage.name
    try:
        yield
    finally:
        if before is None:
            del os.environ["STAGE"]
        else:
            os.environ["STAGE"] = before
