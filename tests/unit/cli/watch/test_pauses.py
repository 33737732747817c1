"""Accounts and promotions are paused and resumed with an optimistic lock."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from couponbus.domain.copying import replace
from couponbus.domain.polling.pause import Pause, pause_key
from couponbus.domain.polling.watch import Watch
from couponbus.domain.provider import Provider
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from couponbus.usecases.polling.poll_redemptions import PAUSED_FOR
from couponbus_cli.watch.pauses import WAKES_IN
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.fakes.unreliable_ledger import UnreliableLedger
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.watches import PROMOTION, a_pause, a_starting_watch, an_active_watch

ACCOUNT = ("--provider", "uniqodo", "--account", "main")
OTHER = "f" * 32


def stored(stage: FakeStage, provider: Provider = Provider.UNIQODO) -> Pause:
    row = stage.ledger.rows[pause_key(provider, "main")]
    assert isinstance(row, Pause)
    return row


class OvertakenLedger(MemoryLedger):
    """A ledger in which a worker pauses a promotion before each of the first writes."""

    def __init__(self, *, times: int) -> None:
        super().__init__()
        self._times = times

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        if self._times:
            self._times -= 1
            before = self.rows.get(rows[0].key, a_pause())
            assert isinstance(before, Pause)
            other = before.of_promotion(f"{self._times:032x}", now=NOON)
            super().write([other.written("other")])
        return super().write(rows)


def test_an_account_is_paused_with_a_reason_and_resumed() -> None:
    stage = FakeStage()

    paused = stage.run("watch", "pause", *ACCOUNT, "--reason", "ada@customer.example asked")
    held = stored(stage)
    resumed = stage.run("watch", "resume", *ACCOUNT)

    assert (paused.code, resumed.code) == (0, 0)
    assert held.reason == "(e-mail hidden) asked"
    assert "To resume: couponbus watch resume --provider uniqodo --account main" in paused.out
    assert not stored(stage).holds(PROMOTION)
    assert [step.what for step in stored(stage).trail] == ["account paused", "resumed"]
    assert "uniqodo main is polled again from the next minute on" in resumed.out


def test_one_promotion_is_paused_and_resumed_among_others() -> None:
    stage = FakeStage(MemoryLedger(a_pause().of_promotion(OTHER, now=NOON).written("test")))
    one = (*ACCOUNT, "--promotion", PROMOTION)

    stage.run("watch", "pause", *one)
    both = stored(stage).promotions
    code, data = stage.run_json("watch", "resume", *one)

    assert both == (OTHER, PROMOTION)
    assert (code, data["promotions"]) == (0, [OTHER])
    assert data["reason"] is None


def test_a_promotion_of_a_paused_account_stays_paused_and_that_is_said() -> None:
    row = a_pause().of_promotion(PROMOTION, now=NOON).of_all(reason="unauthorised", now=NOON)
    stage = FakeStage(MemoryLedger(row.written("test")))

    outcome = stage.run("watch", "resume", *ACCOUNT, "--promotion", PROMOTION)

    assert outcome.code == 0
    assert "But its account stays paused: unauthorised." in outcome.out
    assert stored(stage).reason == "unauthorised"


def test_resuming_an_account_resumes_its_promotions() -> None:
    row = a_pause().of_promotion(PROMOTION, now=NOON)
    stage = FakeStage(MemoryLedger(row.written("test")))

    assert stage.run("watch", "resume", *ACCOUNT).code == 0
    assert stored(stage).promotions == ()


def postponed(stage: FakeStage, *watches: Watch) -> list[timedelta]:
    """Return in what time each of these is due after the account was resumed."""
    pause = a_pause().of_promotion(OTHER, now=NOON).of_all(reason="status_401", now=NOON)
    for row in (pause, *(watch.put_off(until=NOON + PAUSED_FOR) for watch in watches)):
        stage.ledger.rows[row.key] = row.written("test")
    stage.run("watch", "resume", *ACCOUNT, "--promotion", OTHER)
    stage.run("watch", "resume", *ACCOUNT)
    found = [stage.ledger.rows[watch.key].due_at for watch in watches]
    return [at - stage.clock.now() for at in found if at is not None]


def test_polls_that_were_postponed_follow_within_minutes() -> None:
    stage = FakeStage()
    first, running = a_starting_watch(), replace(an_active_watch(), watch_id="other")

    assert postponed(stage, first, running) == [WAKES_IN, PAUSED_FOR]


def test_what_another_account_postponed_is_left_alone() -> None:
    elsewhere = replace(a_starting_watch(), account="second")

    assert postponed(FakeStage(), elsewhere) == [PAUSED_FOR]


def test_what_cannot_be_woken_follows_within_an_hour() -> None:
    ledger = UnreliableLedger()
    ledger.rows[a_pause().key] = a_pause().of_all(reason="status_401", now=NOON).written("test")
    stage = FakeStage(ledger)
    ledger.will_fail("due", times=3)

    outcome = stage.run("watch", "resume", *ACCOUNT)

    assert outcome.code == 0
    assert "postponed polls follow within an hour" in " ".join(outcome.out.split())


@pytest.mark.parametrize("more", [(), ("--promotion", PROMOTION)])
def test_what_is_not_paused_is_not_resumed(more: tuple[str, ...]) -> None:
    stage = FakeStage(MemoryLedger(a_pause().written("test")))

    outcome = stage.run("watch", "resume", *ACCOUNT, *more)

    assert outcome.code == 1
    assert outcome.err.endswith("uniqodo main is not paused\n")
    assert stored(stage).revision == 1


def test_others_may_pause_meanwhile() -> None:
    stage = FakeStage(OvertakenLedger(times=2))

    outcome = stage.run("watch", "pause", *ACCOUNT)

    assert outcome.code == 0
    assert stored(stage).reason == "by an operator"
    assert len(stored(stage).promotions) == 2


def test_a_row_that_never_rests_is_given_up() -> None:
    outcome = FakeStage(OvertakenLedger(times=99)).run("watch", "pause", *ACCOUNT)

    assert outcome.code == 1
    assert "uniqodo main was changed by another operator at each try: try again" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ("--provider", "uniqodo", "--account", "moon"),
            1,
            "local polls koupon main, uniqodo main",
        ),
        (("--provider", "coniq", "--account", "main"), 2, "Invalid value"),
        (("--provider", "koupon", "--account", "main", "--promotion", OTHER), 2, "only Uniqodo"),
        ((*ACCOUNT, "--promotion", "A0"), 2, "32 hexadecimal digits"),
    ],
)
def test_only_what_there_is_can_be_paused(arguments: tuple[str, ...], code: int, said: str) -> None:
    stage = FakeStage()

    outcome = stage.run("watch", "pause", *arguments)

    assert outcome.code == code
    assert said in " ".join(outcome.err.split())
    assert stage.ledger.rows == {}


def test_pauses_are_listed_with_why_and_since() -> None:
    uniqodo = a_pause().of_promotion(PROMOTION, now=NOON)
    koupon = a_pause(Provider.KOUPON).of_all(reason="unauthorised", now=NOON)
    stage = FakeStage(MemoryLedger(uniqodo, koupon))

    outcome = stage.run("watch", "pauses")
    code, data = stage.run_json("watch", "pauses")

    assert (outcome.code, code) == (0, 0)
    for shown in (f"promotion {PROMOTION}", "all of it", "unauthorised", "2026-06-01 12:00"):
        assert shown in " ".join(outcome.out.split())
    assert data["pauses"] == [
        {
            "provider": "uniqodo",
            "account": "main",
            "reason": None,
            "promotions": [PROMOTION],
            "since": NOON.isoformat(),
        },
        {
            "provider": "koupon",
            "account": "main",
            "reason": "unauthorised",
            "promotions": [],
            "since": NOON.isoformat(),
        },
    ]


def test_nothing_paused_is_nothing_to_list() -> None:
    resumed = replace(a_pause(), since=NOON)

    assert FakeStage(MemoryLedger(resumed)).run("watch", "pauses").out == "Nothing is paused.\n"


def test_what_could_not_be_stored_is_not_said_to_be_resumed() -> None:
    stage = FakeStage()
    assert stage.run("watch", "pause", *ACCOUNT).code == 0
    stage.ledger.unfit.add(stored(stage).key)

    outcome = stage.run("watch", "resume", *ACCOUNT)

    assert outcome.code != 0
    assert stored(stage).key in outcome.err
    assert stored(stage).reason is not None
