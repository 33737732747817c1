"""The faults that the calls of sending can suffer; those shared with issuing are in `faults`."""

from tests.simulation.faults import (
    CRASH_AFTER,
    CRASH_BEFORE,
    KINDS,
    LOST,
    MUTATING,
    PARTLY,
    READING,
    STALLED,
    UNANSWERED,
    Kinds,
)

NOT_CONNECTED = "not connected"
ANSWER_LOST = "taken, answer lost"
TWICE, LATE = "twice", "late"

SHARED = (
    "ledger.write",
    "ledger.read",
    "ledger.due",
    "bus.publish",
    "quarantine.put",
    "queue.receive",
    "queue.delete",
    "stream.batch",
    "tick",
)
WEBHOOK_KINDS: Kinds = {
    **{name: KINDS[name] for name in SHARED},
    "ledger.write_together": MUTATING,
    "deliveries.send": (*MUTATING, PARTLY),
    "history.between": READING,
    "pace.lease": MUTATING,
    "secrets.read": READING,
    "secrets.put": (CRASH_BEFORE, CRASH_AFTER, LOST, UNANSWERED),
    "webhooks.send": (CRASH_BEFORE, CRASH_AFTER, STALLED, NOT_CONNECTED, ANSWER_LOST),
    "rule.deliver": (TWICE, LATE),
}
# Attempts are many: at the rates of the other runs, nothing would be delivered.
WEBHOOK_RATES = (0.01, 0.03, 0.1)
