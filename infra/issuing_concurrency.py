"""Warns at the synthesis of a concurrency far from what the calls at Coniq keep busy."""

from collections.abc import Iterator

from couponbus_config.stage import LEAST_CONCURRENCY, StageConfig

FAR = 3


def kept_busy(stage: StageConfig) -> int:
    """Return how many workers send POSTs all the time at full pace: calls a second by seconds each.

    One more would wait for slots, and split batches.
    """
    pace = sum(account.calls_per_second for account in stage.accounts)
    return max(LEAST_CONCURRENCY, int(pace * stage.seconds_per_post))


def warnings(stage: StageConfig) -> Iterator[str]:
    """Yield a sentence if it is more than three times as many, or less than a third."""
    busy = kept_busy(stage)
    because = (
        f"concurrency is {stage.concurrency}, and the calls of the Coniq accounts keep {busy}"
        f" workers busy at {stage.seconds_per_post:g} s for a POST"
    )
    if stage.concurrency > FAR * busy:
        yield f"{because}: more of them only split the batches"
    if FAR * stage.concurrency < busy:
        yield f"{because}: with so few a burst is handled slower than Coniq allows"
