"""The facts of a stage as tiles, in the order in which an operator asks."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from couponbus.aws.ledger.report import Backlogged
from couponbus_cli.app.formatting import duration
from couponbus_cli.app.queues import WORK
from couponbus_cli.page.last_known import Seen
from couponbus_cli.page.lines import account_lines, alarm_lines, endpoint_lines
from couponbus_cli.page.measures import NOT_READ, Measures
from couponbus_cli.page.screen import Measure, Tile
from couponbus_cli.status.figures import Ambiguous, Endpoints, Facts, Kept, Unread
from couponbus_cli.status.health import REPORT_AFTER, SCHEDULE_PATIENCE
from couponbus_cli.status.measured import Level, Series, letters_in

LATE = SCHEDULE_PATIENCE.total_seconds()
OVERDUE = REPORT_AFTER.total_seconds()
TOGETHER = "all accounts"  # a function counts the calls that breakers held back
BACKLOGS: Mapping[str, str] = {
    "issuing": "Barcodes to request",
    "lookups": "Look-ups to make",
    "outbox": "Events to publish",
    "polls": "Polls to make",
    "retries": "Webhooks to retry",
}


def tiles_of(seen: Seen) -> list[Tile]:
    """Return the tiles of what was seen, each with those of its parts that are not new."""
    if seen.facts is None or seen.is_blank:
        return []
    measures = Measures(facts=seen.facts, data=seen.facts.data())
    return [replace(tile, stale=seen.unread(tile.parts)) for tile in _tiles(seen.facts, measures)]


def _tiles(facts: Facts, measures: Measures) -> Iterator[Tile]:
    rate, of = measures.rate, measures.of
    yield Tile(
        name="sign-ups",
        title="Sign-ups and barcodes",
        parts=("rates",),
        measures=[
            rate("Sign-ups", Series.SIGN_UPS),
            rate("Barcodes", Series.ISSUED),
            rate("Refused", Series.REFUSED),
        ],
    )
    yield Tile(
        name="doubt",
        title="Unknown and ambiguous",
        parts=("ambiguous", "unmatched", "rates"),
        measures=[
            rate("Unknown", Series.UNKNOWN),
            of(
                "Ambiguous",
                "ambiguous.#",
                bad_from=1,
                hint=_more(facts.ambiguous),
                level=Level.AMBIGUOUS,
            ),
            of("Matched no program", "unmatched", bad_from=1, hint=_more(facts.unmatched)),
        ],
    )
    yield Tile(
        name="backlog",
        title="Backlog and its age",
        parts=("backlogs", "queues", "waiting", "rates"),
        measures=[
            _longest_wait(facts, measures),
            measures.level("Oldest row that is due", Level.OLDEST_DUE, bad_from=OVERDUE),
            of("In the queue signups", "queues.signups.visible"),
            *(
                of(label, f"backlogs.{name}.rows", hint=_hint(facts, name))
                for name, label in BACKLOGS.items()
            ),
        ],
    )
    yield Tile(
        name="accounts",
        title="Accounts",
        parts=("accounts", "rates"),
        measures=[
            measures.level("Issuing, held by breakers", Level.ISSUING_BREAKER, hint=TOGETHER),
            measures.level("Polling, held by breakers", Level.POLLING_BREAKER, hint=TOGETHER),
        ],
        lines=[*account_lines(facts, measures)],
        none="No account is deployed.",
    )
    yield Tile(
        name="polling",
        title="Polling",
        parts=("planned_until", "rates"),
        measures=[
            of("Behind its plan", "polling.lag_seconds", bad_from=LATE, level=Level.POLL_LAG),
            rate("Polls", Series.POLLS),
        ],
    )
    yield Tile(
        name="redemptions",
        title="Redemptions",
        parts=("rates",),
        measures=[rate("Redemptions", Series.REDEMPTIONS)],
    )
    yield Tile(
        name="endpoints",
        title="Endpoints",
        parts=("endpoints", "rates"),
        measures=[
            of("Endpoints", "endpoints.#", hint=_more(facts.endpoints)),
            measures.level("Disabled", Level.DISABLED, bad_from=1),
            rate("Webhooks", Series.WEBHOOKS),
        ],
        lines=[*endpoint_lines(facts)],
    )
    yield Tile(
        name="letters",
        title="Letters by queue",
        parts=("queues", "rates"),
        measures=[*_letters(facts, measures)],
    )
    yield Tile(
        name="alarms",
        title="Alarms",
        parts=("alarms",),
        lines=[*alarm_lines(facts)],
        none="No alarm rings." if _has_alarms(facts) else "This stage has no alarms.",
    )


def _letters(facts: Facts, measures: Measures) -> Iterator[Measure]:
    if isinstance(facts.queues, Unread):
        return
    for one in facts.queues:
        if one.queue not in WORK:
            fact = f"queues.{one.queue}.visible"
            yield measures.of(one.queue, fact, bad_from=1, level=letters_in(one.queue))


def _hint(facts: Facts, backlog: str) -> str:
    """Say of a backlog that there are more, and how late its oldest row is."""
    found = None if isinstance(facts.backlogs, Unread) else facts.backlogs[backlog]
    if found is None or found.oldest is None:
        return ""
    late = f"late by {duration(facts.at - found.oldest)}" if found.oldest < facts.at else ""
    return ", ".join(filter(None, (_more(found), late)))


def _longest_wait(facts: Facts, measures: Measures) -> Measure:
    waiting = facts.waiting
    oldest = None if isinstance(waiting, Unread) else waiting.oldest
    shown = "none" if oldest is None else duration(facts.at - oldest)
    return Measure(
        label="Longest wait for a barcode",
        fact="waiting_since",
        number=None,
        shown=NOT_READ if isinstance(waiting, Unread) else shown,
        history=measures.history(Level.LONGEST_WAIT),
    )


def _more(part: Ambiguous | Endpoints | Kept | Backlogged | Unread) -> str:
    return "" if isinstance(part, Unread) or not part.more else "or more"


def _has_alarms(facts: Facts) -> bool:
    return isinstance(facts.alarms, Unread) or facts.alarms.deployed
