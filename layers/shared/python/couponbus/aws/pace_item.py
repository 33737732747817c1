"""The pace of an account as an item of the table; what an older version left out is at rest."""

from couponbus.aws.ledger.attributes import Item
from couponbus.domain.brake import Brake, Cause
from couponbus.domain.circuit_breaker import Breaker
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.health import Health
from couponbus.domain.rate_limit import Pace


def attributes_of(pace: Pace) -> Item:
    """Return the attributes beside the key; a brake that nothing was counted for has none."""
    return {
        "revision": {"N": str(pace.revision)},
        "next_slot": {"N": repr(pace.next_slot)},
        "paused_until": {"N": repr(pace.paused_until)},
        "day": {"N": str(pace.day)},
        "calls": {"N": str(pace.calls)},
        **_breaker_attributes("questions", pace.questions),
        **_breaker_attributes("posts", pace.posts),
        **({} if pace.brake == Brake() else _brake_attributes(pace.brake)),
    }


def _breaker_attributes(name: str, breaker: Breaker) -> Item:
    return {
        f"{name}_failures": {"N": str(breaker.failures)},
        f"{name}_closed_until": {"N": repr(breaker.closed_until)},
        f"{name}_openings": {"N": str(breaker.openings)},
        f"{name}_healed_at": {"N": repr(breaker.healed_at)},
        f"{name}_failing_since": {"N": repr(breaker.failing_since)},
        f"{name}_health": {"S": breaker.health.value},
    }


def _brake_attributes(brake: Brake) -> Item:
    return {
        "brake_counted_from": {"N": repr(brake.counted_from)},
        "brake_posted": {"N": str(brake.posted)},
        "brake_refused": {"N": str(brake.refused)},
        "brake_anomalies": {"N": str(brake.anomalies)},
        "brake_not_understood": {"N": str(brake.not_understood)},
        "brake_held_at": {"N": repr(brake.held_at)},
        "brake_remark": {"S": brake.remark},
        **({} if brake.cause is None else {"brake_cause": {"S": brake.cause.value}}),
    }


def pace_in(item: Item | None) -> Pace:
    """Return the pace of an item, a new one for none. Raises LedgerUnavailable."""
    if not item:
        return Pace()
    try:
        return Pace(
            revision=int(item["revision"]["N"]),
            next_slot=float(item["next_slot"]["N"]),
            paused_until=float(item["paused_until"]["N"]),
            # Not in what the first version wrote.
            day=int(item["day"]["N"]) if "day" in item else 0,
            calls=int(item["calls"]["N"]) if "calls" in item else 0,
            questions=_breaker(item, "questions"),
            posts=_breaker(item, "posts"),
            brake=_brake(item),
        )
    except (KeyError, ValueError):
        key = item["pk"]["S"]
        raise LedgerUnavailable(f"the ledger's {key} cannot be read", broken=[key]) from None


def _breaker(item: Item, name: str) -> Breaker:
    if f"{name}_failures" not in item:
        return Breaker()  # nor was this
    return Breaker(
        failures=int(item[f"{name}_failures"]["N"]),
        closed_until=float(item[f"{name}_closed_until"]["N"]),
        openings=int(item[f"{name}_openings"]["N"]),
        healed_at=_seconds(item, f"{name}_healed_at"),
        failing_since=_seconds(item, f"{name}_failing_since"),
        health=Health(item.get(f"{name}_health", {"S": Health.GOOD.value})["S"]),
    )


def _brake(item: Item) -> Brake:
    if "brake_posted" not in item:
        return Brake()
    return Brake(
        counted_from=float(item["brake_counted_from"]["N"]),
        posted=int(item["brake_posted"]["N"]),
        refused=int(item["brake_refused"]["N"]),
        anomalies=int(item["brake_anomalies"]["N"]),
        not_understood=int(item["brake_not_understood"]["N"]),
        held_at=float(item["brake_held_at"]["N"]),
        cause=Cause(item["brake_cause"]["S"]) if "brake_cause" in item else None,
        remark=item["brake_remark"]["S"],
    )


def _seconds(item: Item, name: str) -> float:
    return float(item[name]["N"]) if name in item else 0.0
