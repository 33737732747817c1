"""Whether a harmless question may be asked again at once (docs/providers.md#retry-matrix)."""

from couponbus.providers.http.failure import Failure

REPEATS_MAX = 2
_PAUSES = (0.2, 0.6)
PASSING_STATUSES = frozenset({500, 502, 504})
_PASSING_FAILURES = frozenset(
    {
        Failure.NAME_NOT_RESOLVED,
        Failure.NOT_CONNECTED,
        Failure.CONNECT_TIMEOUT,
        Failure.CONNECTION_LOST,
        Failure.BROKEN_ANSWER,
    }
)


def pause_before_repeat(
    result: int | Failure,
    *,
    repeats: int,
    left: float,
    statuses: frozenset[int] = PASSING_STATUSES,
    most: int = REPEATS_MAX,
) -> float | None:
    """Return seconds to wait before asking again, None when there is no sense in it.

    `result` is a status or what kept us from getting one; `statuses` are those that may pass.
    The caller allows `most` repetitions, of which there are never more than two.
    503 is left to the shared pace unless a provider says otherwise: it mostly comes with a
    wish to be left alone.
    """
    passing = result in (_PASSING_FAILURES if isinstance(result, Failure) else statuses)
    if not passing or repeats >= min(most, REPEATS_MAX):
        return None
    pause = _PAUSES[repeats]
    return pause if pause < left else None
