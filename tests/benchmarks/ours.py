"""couponbus as it is deployed: both handlers of the hot path, wired from an environment."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

from pydantic import TypeAdapter

from couponbus.aws.ledger.codec import decode
from couponbus.aws.rate_limiter import DynamoRateLimiter
from couponbus.domain.issuing.barcode import Channel
from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import PollPolicy, WatchRule
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from functions.issue_barcodes import wiring
from functions.issue_barcodes.handler import handler as issue_barcodes
from functions.publish_events.handler import StreamEvent, StreamRecord
from functions.publish_events.handler import handler as publish_events
from tests.benchmarks.alone import alone
from tests.benchmarks.lanes import in_lanes
from tests.benchmarks.load import OFFER_ID, SOURCES, Context, SqsEvent
from tests.benchmarks.units import Change

PROMOTIONS = tuple(f"{letter}0" * 16 for letter in "ab")
WATCHES = tuple(
    WatchRule(
        provider=Provider.UNIQODO,
        account="main",
        promotion=promotion,
        poll_policy=PollPolicy(),
        grace_seconds=86_400,
        warn_days=7,
    )
    for promotion in PROMOTIONS
)
NAMES = ("welcome", "watched", "doubled")
PROGRAMS = tuple(
    Program(
        name=NAMES[watches],
        pattern={"source": [source], "detail": {"attributes": {"country": ["GB", "IE"]}}},
        account="main",
        offer_id=OFFER_ID,
        channel=Channel.MOBILE,
        tracking_prefix="welcome-",
        required_consents=("marketing",),
        minimum_age=18,
        valid_from=None,
        valid_until=None,
        precheck_existing=False,
        watches=WATCHES[:watches],
    )
    for watches, source in enumerate(SOURCES)
)


def environment(*, provider_url: str) -> Mapping[str, str]:
    """Return the two functions' environment as the stack sets it; no call waits for a slot."""
    account = {
        "name": "main",
        "base_url": provider_url,
        "secret_id": "couponbus/bench/coniq/main",
        "calls_per_second": 1_000_000,
    }
    return {
        "STAGE": "local",
        "TABLE_NAME": "couponbus-bench-ledger",
        "BUS_NAME": "couponbus-bench",
        "NOTIFICATIONS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/notifications",
        "QUARANTINE_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/quarantine",
        "UNIDENTIFIED_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/unidentified",
        "POLLS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/polls",
        "SIGN_UP_TENANTS": "{}",
        "PEPPER_SECRET_ID": "couponbus/bench/pepper",
        "CONIQ_ACCOUNTS": json.dumps([account]),
        "SETTLE_SECONDS": "600",
        "ANSWERED_SETTLE_SECONDS": "60",
        "BETWEEN_LOOK_UPS_SECONDS": "60",
        "POST_SECONDS": "30",
        "RESOLVE_FOR_SECONDS": "86400",
        "PUBLISH_GRACE_SECONDS": "60",
        "HANDOVER_SECONDS": "300",
    }


def programs_answer() -> bytes:
    """Return DynamoDB's answer to the query for the programs."""
    items = [
        {
            "pk": {"S": "PROGRAM"},
            "sk": {"S": program.name},
            "document": {"S": TypeAdapter(Program).dump_json(program).decode()},
        }
        for program in PROGRAMS
    ]
    return json.dumps({"Items": items, "Count": len(items), "ScannedCount": len(items)}).encode()


def issue(event: SqsEvent) -> None:
    """Handle a batch of the queue. Raises AssertionError if a message would be redelivered."""
    answer = issue_barcodes(event, Context())  # type: ignore[arg-type]
    assert answer == {"batchItemFailures": []}, answer


def publish(events: Sequence[StreamEvent]) -> None:
    """Handle batches of the stream. Raises AssertionError if a record would be retried."""
    for event in events:
        answer = publish_events(event, Context())
        assert answer == {"batchItemFailures": []}, answer


def expect_another_pace() -> None:
    """Let the worker read the pace, as one does after it met another."""
    limiter = wiring.service().limiter
    assert isinstance(limiter, DynamoRateLimiter)
    limiter._undisturbed.clear()


def stream_of(changes: Sequence[Change]) -> Sequence[StreamEvent]:
    """Return the event source mapping's batches for these changes."""
    return [
        {"Records": [_record(number, change) for number, change in enumerate(some)]}
        for some in in_lanes(changes)
    ]


def _record(number: int, change: Change) -> StreamRecord:
    """Return a record with everything that the stream tells, needed or not."""
    before, after = change
    assert after is not None
    whole = {
        "eventID": f"{number:032x}",
        "eventName": "INSERT" if before is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1769860800.0,
            "Keys": {"pk": after["pk"], "sk": after["sk"]},
            "NewImage": after,
            **({} if before is None else {"OldImage": before}),
            "SequenceNumber": str(number),
            "SizeBytes": 1800,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
    return cast("StreamRecord", whole)


def issued_by(changes: Sequence[Change]) -> Row:
    """Return one of the issuances, as its batch has left it."""
    rows = (decode(after) for _, after in reversed(changes) if after is not None)
    return next(row for row in rows if isinstance(row, Issuance))


def recorded(*shapes: tuple[int, int]) -> list[list[Change]]:
    """Return how the ledger changes by batches of so many sign-ups, with so many watches each.

    The process of moto is another one: it is large.
    """
    asked = [f"{number}:{watches}" for number, watches in shapes]
    (text,) = alone("tests.benchmarks.cost.recorded", *asked)
    return [[(before, after) for before, after in batch] for batch in json.loads(text)]
