"""The measured workers of webhooks are as many as the deployed ones."""

import pytest

from couponbus_config.stage import StageConfig
from tests.benchmarks.webhooks import isolation, worker_queues
from tests.benchmarks.webhooks.platform import Batching
from tests.benchmarks.webhooks.worker_queues import Workers
from tests.infra.stages import DEV, LOCAL, PROD


@pytest.mark.parametrize(
    ("stage", "workers"),
    [
        (LOCAL, worker_queues.LOCAL),
        (DEV, worker_queues.DEPLOYED),
        (PROD, worker_queues.DEPLOYED),
    ],
)
def test_the_queues_have_as_many_workers_as_deployed(stage: StageConfig, workers: Workers) -> None:
    assert workers == Workers(first=stage.deliver_concurrency, again=stage.redeliver_concurrency)
    assert Batching(size=stage.deliver_batch_size, window=0.0) == isolation.BATCH
    assert (
        Batching(size=stage.notify_batch_size, window=stage.notify_window_seconds)
        == isolation.FAN_BATCH
    )


def test_events_are_fanned_out_by_as_many_workers() -> None:
    assert DEV.notify_concurrency == isolation.FANS
