"""Adding an endpoint says how many of the last events it would have got."""

from collections.abc import Sequence
from dataclasses import replace

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Rows
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.webhooks import TOKEN, a_stage, an_event

ADD = ("endpoints", "add", f"https://Hooks.Shop.example/{TOKEN}", "--stage", "dev")


def test_it_is_said_how_many_of_the_last_events_match() -> None:
    events = [
        an_event(hours_ago=1),
        an_event(hours_ago=2, detail_type="WatchEnded"),
        an_event(hours_ago=23),
        an_event(hours_ago=30),
        replace(an_event(hours_ago=3), tenant="brand"),
    ]
    stage = a_stage(rows=tuple(events))

    assert "2 of the last 3 events" in stage.run(*ADD, "--events", "BarcodeIssued").out


def test_the_secret_is_shown_although_earlier_events_cannot_be_read() -> None:
    stage = FakeStage(ledger=_NoEvents(an_event()))

    outcome = stage.run(*ADD, "--id", "shop")

    assert stage.signing.secrets_of("shop")[0] in outcome.out
    assert "not known how many earlier events match" in outcome.out


class _NoEvents(MemoryLedger):
    def read(self, keys: Sequence[str]) -> Rows:
        if any(key.startswith("EVENT#") for key in keys):
            raise LedgerUnavailable("throttled")
        return super().read(keys)
