"""The facts of a week in which every promise was kept, which tests break one by one."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from couponbus_sandbox.demo.till import Use, name_at_koupon, name_at_uniqodo
from couponbus_sandbox.demo.week_facts import Recorded, WeekFacts

BEGAN = datetime(2027, 2, 1, 12, tzinfo=UTC)
CHANGED, REVERSED = name_at_uniqodo(2_000_001), name_at_koupon(100_042, 2001, 1)
PLAIN = name_at_uniqodo(2_000_002)
USES = {
    CHANGED: Use(at=BEGAN, is_changed=True),
    REVERSED: Use(at=BEGAN + timedelta(hours=1), is_reversed=True),
    PLAIN: Use(at=BEGAN + timedelta(hours=2)),
}
WEEK = WeekFacts(
    users=2,
    consumers=1,
    uses=USES,
    recorded={
        name: (Recorded(seen_at=use.at + timedelta(hours=number), is_inferred=False),)
        for number, (name, use) in enumerate(USES.items(), start=1)
    },
    published={
        "RedemptionRecorded": {name: Counter({f"event {name}": 1}) for name in USES},
        "RedemptionUpdated": {CHANGED: Counter(changed=1)},
        "RedemptionReversed": {REVERSED: Counter(reversed=1)},
    },
    events={"RedemptionRecorded": 3, "RedemptionUpdated": 1, "RedemptionReversed": 1},
    others={"WatchEnded": 3},
    ended={"expired": 2, "horizon_passed": 1},
    open=0,
    calls=90,
    fixed_calls=5400,
    faults={"500": 2},
    left_over={"polls": 0},
    unusual_logs=(),
)
