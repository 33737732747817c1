"""The durations that are the same in every stage (docs/reliability.md#timing-chain)."""

from couponbus.domain.timing import Timing

POST = 30.0
POST_MARGIN = 5.0
SKEW = 5.0
SLOT_WAIT = 5.0
BACKOFF = 5.0
BACKOFF_CAP = 900.0


def timing(
    *,
    settle: float = 600.0,
    answered_settle: float = 60.0,
    between_look_ups: float = 60.0,
    post: float = POST,
    resolve_for: float = 86_400.0,
    publish_grace: float = 60.0,
    handover: float = 300.0,
) -> Timing:
    """Return the chain, with what a stage sets in seconds."""
    return Timing(
        settle=settle,
        answered_settle=answered_settle,
        between_look_ups=between_look_ups,
        post=post,
        post_margin=POST_MARGIN,
        skew=SKEW,
        publish_grace=publish_grace,
        handover=handover,
        slot_wait=SLOT_WAIT,
        backoff=BACKOFF,
        backoff_cap=BACKOFF_CAP,
        resolve_for=resolve_for,
    )
