"""The measured workers of webhooks are as many as the deployed ones."""

import pytest

from infra import config
from infra.config import StageConfig
from tests.benchmarks.webhooks import isolation, worker_queues
from tests.benchmarks.webhooks.platform import Batching
from tests.benchmarks.webhooks.worker_queues import Workers


@pytest.mark.parametrize(
    ("stage", "workers"),
    [
        (config.LOCAL, worker_queues.LOCAL),
        (config.DEV, worker_queues.DEPLOYED),
        (config.PROD, worker_queues.DEPLOYED),
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
    assert config.DEV.notify_concurrency == isolation.FANS
