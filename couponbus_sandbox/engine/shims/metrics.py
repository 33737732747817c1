"""The metrics that functions print as lines in the embedded metric format."""

import time
from collections.abc import Callable

from ministack.services import cloudwatch, lambda_svc

from couponbus_sandbox.engine.embedded_metrics import Reported, reported
from couponbus_sandbox.engine.shims.moved_time import moved_by

type Record = dict[str, object]

OLDEST = 14 * 24 * 3600.0
NEWEST = 2 * 3600.0


def install() -> None:
    """Read each function's output, and keep all points: dropping old ones loses new ones."""
    lambda_svc._emit_lambda_logs = _reading(lambda_svc._emit_lambda_logs)
    cloudwatch._evict_old_metrics = lambda: None


def _reading(original: Callable[..., None]) -> Callable[..., None]:
    def emit(function: Record, request_id: str, text: str, *rest: object, **more: object) -> None:
        original(function, request_id, text, *rest, **more)
        for line in text.splitlines():
            for metric in reported(line):
                if -OLDEST <= metric.at - time.time() <= NEWEST:
                    _store(metric)

    return emit


def _store(metric: Reported) -> None:
    bucket = cloudwatch._metric_bucket(
        (metric.namespace, metric.name, cloudwatch._dims_key(metric.dimensions))
    )
    point = {"Timestamp": metric.at + moved_by(), "Unit": metric.unit}
    point["Dimensions"] = dict(metric.dimensions)
    bucket.extend({**point, "Value": value} for value in metric.values)
