"""What a careless change would do to the protocol."""

from enum import StrEnum


class Mistake(StrEnum):
    """One planted mistake; the search must find what it breaks, where it breaks a promise."""

    ROWS_BEFORE_BATCH = "rows are claimed before their batch is stored"
    CLOSED_BEFORE_PUBLISHED = "a batch is closed before its events are published"
    PUBLISHED_BEFORE_STORED = "an event is published before its row is stored"
    CLOSED_BEFORE_SETTLED = "the sweeper closes a batch before settle is over"
    CLOCK_AFTER_READ = "the sweeper looks at the clock after it has read the rows"
    LOOKED_UP_BEFORE_SETTLED = "a row is looked up before settle is over"
    STOLEN_CLAIM = "a claim is taken over when its deadline is past"
    NO_LOCK = "an outcome is stored over any version of the row"
    LOCK_OF_CLAIM = "an outcome is stored over the claim, whatever its revision"
    LATE_CLAIM = "a row is claimed without a look at the time"
    CLAIM_FORGOTTEN = "a claim without an answer is taken for not made"
    CLOSED_WITH_REQUESTED = "a batch is closed although a row is still REQUESTED"
    DOUBT_WITHOUT_ENTRY = "a row in doubt is stored without a due entry of its own"
    NO_OWN_ENTRIES = "the sweeper closes a batch and makes no row due"
    CONFLICT_IGNORED = "the sweeper closes a batch although it lost a write"
    RELEASED_AND_LEFT = "a row that was released is never claimed again"
    FOREIGN_PUBLISHED = "the sweeper publishes what another batch issued"
