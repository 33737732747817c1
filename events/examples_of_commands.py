"""One example of each command."""

from collections.abc import Mapping
from datetime import UTC, datetime

from couponbus.domain.issuing.issuance import issuance_key
from couponbus.domain.polling.cohort import (
    Cohort,
    CohortKind,
    hour_of,
    minute_of,
    shard_of_watch,
    span,
)
from couponbus.domain.polling.poll_policy import PollGroup, PollPolicy
from couponbus.domain.polling.watch_identity import watch_key
from events.example_facts import DECIDED, ISSUANCE, SIGNUP, Example
from events.examples_of_polling import ACCOUNT, CODE_WATCH, CONSUMER, LIST_WATCH, UNIQODO, USER

STARTED = datetime(2026, 1, 31, 12, 0, 7, tzinfo=UTC)
COHORT = Cohort(
    kind=CohortKind.AGE,
    group=PollGroup(provider=UNIQODO, account=ACCOUNT, poll_policy=PollPolicy()),
    hour=hour_of(STARTED),
)
SPAN = span(COHORT, shard=shard_of_watch(CODE_WATCH), minute=minute_of(STARTED), minutes=5)

COMMANDS: Mapping[str, Example] = {
    "ContinueWork": {"type": "ContinueWork", "keys": [issuance_key(ISSUANCE)]},
    "QuarantineLetter": {
        "type": "QuarantineLetter",
        "reason": "schema",
        "fields": ["customer.coniq_customer_id"],
        "message_id": "00000000-0000-4000-8000-000000000005",
        "event_id": "00000000-0000-4000-8000-000000000006",
        "signup_id": SIGNUP,
        "sha256": "0" * 64,
        "size": 412,
        "received_at": DECIDED,
    },
    "PollSpans": {
        "type": "PollSpans",
        "provider": UNIQODO.value,
        "account": ACCOUNT,
        "planned_at": "2026-02-03T18:41:00Z",
        "useless_after": "2026-02-04T01:54:00Z",
        "spans": [
            {
                "cohort": SPAN.cohort_key,
                "shard": SPAN.shard,
                "first": SPAN.first,
                "last": SPAN.last,
            }
        ],
    },
    "WatchCustomers": {
        "type": "WatchCustomers",
        "program": "welcome",
        "tenant": "default",
        "customers": [
            {"reference": "crm-0001", "uniqodo_user_id": USER, "koupon_consumer": CONSUMER},
            {"reference": "crm-0002", "uniqodo_user_id": "customer-0002"},
        ],
    },
    "EndWatches": {
        "type": "EndWatches",
        "reason": "erased",
        "keys": [watch_key(CODE_WATCH), watch_key(LIST_WATCH)],
    },
}
