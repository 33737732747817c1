"""A row is shown in plain sentences: what happened, and what will happen next."""

from dataclasses import replace
from datetime import timedelta

import pytest

from couponbus.domain.issuing.issuance import IssuanceState, Origin
from couponbus.domain.issuing.look_up_results import failed_look_up, nothing_found
from couponbus.domain.issuing.program import Refusal
from couponbus.domain.issuing.reopening import allowed_again, reopened
from couponbus.domain.row import Row, Step
from couponbus_cli.app.formatting import duration, reason, when
from couponbus_cli.watch.polling import Polling
from couponbus_cli.why.story import story
from tests.factories import any_rejection, any_resolution, any_timing
from tests.fakes.clock import NOON
from tests.unit.cli.rows import SECOND, ambiguous, an_issuance, issued, requested

UNPOLLED = Polling()


def timeline_texts(row: Row) -> list[str]:
    return [event.text for event in story(row, now=NOON, polling=UNPOLLED).timeline]


def next_of(row: Row) -> str:
    return story(row, now=NOON, polling=UNPOLLED).next


def test_every_step_is_shown_in_order() -> None:
    row = an_issuance().postponed(now=NOON, until=NOON, why="paused")
    row = requested(row).doubted(
        now=NOON, ready_at=NOON, why="timeout", refusal=None, batch_limit=None
    )
    row = nothing_found(row, now=NOON, timing=any_timing())
    row = nothing_found(row, now=NOON, timing=any_timing())
    row = issued(row).announced(now=NOON)

    assert timeline_texts(row) == [
        f"The customer signed up (sign-up {row.signup_id}).",
        "It had to wait: paused.",
        "The barcode was requested at Coniq, attempt 1.",
        "The outcome of the attempt is unknown (timeout); it has to be looked up.",
        "It was looked up at Coniq and not found.",
        "The attempt is proven not to have been applied (not found twice); it may be repeated.",
        "The barcode was requested at Coniq, attempt 2.",
        "Coniq issued the barcode.",
        "BarcodeIssued was published on the bus.",
    ]
    assert next_of(row) == "nothing; it is done."


def test_failed_look_ups_are_counted_in_a_step_and_said_in_what_comes_next() -> None:
    row = requested(an_issuance()).doubted(
        now=NOON, ready_at=NOON, why="timeout", refusal=None, batch_limit=None
    )
    once = failed_look_up(row, why="status_400", now=NOON)
    thrice = failed_look_up(
        failed_look_up(once, why="status_400", now=NOON), why="status_400", now=NOON + SECOND
    )

    assert timeline_texts(once)[-1] == "Look-ups at Coniq failed (status_400)."
    assert timeline_texts(thrice)[-1] == (
        "Look-ups at Coniq failed (status_400, 3 times, the last at 2026-06-01 12:00:01 UTC)."
    )
    assert next_of(row) == (
        "it is looked up at Coniq as soon as the sweeper hands it over, within a minute or two."
    )
    assert next_of(thrice) == (
        "it is looked up at Coniq as soon as the sweeper hands it over, within a minute or two,"
        " and look-ups were in vain so far: find the cause with couponbus probe coniq, and compare"
        " the settings of the account."
    )


def test_look_ups_that_prove_nothing_are_counted_and_said_in_what_comes_next() -> None:
    row = replace(requested(an_issuance()), claim_deadline=NOON)
    for at in (NOON, NOON + SECOND):
        row = row.unproven(since=NOON, now=at, until=at, why="status_400")

    assert timeline_texts(row)[-1] == (
        "It was looked up at Coniq, and the answer proves nothing"
        " (status_400, 2 times, the last at 2026-06-01 12:00:01 UTC)."
    )
    assert "look-ups were in vain so far" in next_of(row)


def test_failed_look_ups_of_a_search_are_said_in_what_comes_next() -> None:
    row = failed_look_up(any_resolution(), why="status_400", now=NOON)

    assert timeline_texts(row)[-1] == "Look-ups at Coniq failed (status_400)."
    assert "look-ups were in vain so far" in next_of(row)


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin.RECONCILED, "The barcode of an earlier attempt was found at Coniq."),
        (Origin.EXISTING, "Coniq had a barcode for this customer and offer already; it is used."),
        (Origin.CHOSEN, "The barcode that the operator chose was recorded."),
    ],
)
def test_the_origin_of_the_barcode_is_shown(origin: Origin, said: str) -> None:
    assert said in timeline_texts(issued(an_issuance(), origin))


def test_a_step_of_a_newer_version_is_shown_as_it_is() -> None:
    trail = (Step(NOON, "teleported", "twice"), Step(NOON, "slept"), Step(NOON, "issued", "magic"))

    assert timeline_texts(replace(an_issuance(), trail=trail))[1:] == [
        "teleported: twice",
        "slept",
        "The barcode was recorded (magic).",
    ]


def test_what_happens_next_is_shown_for_each_state() -> None:
    fresh = an_issuance()
    waiting = fresh.postponed(now=NOON, until=NOON + 90 * SECOND, why="retry_after")
    queued = replace(fresh, due_at=NOON + 300 * SECOND)
    refused = fresh.rejected(reason=Refusal.CONSENT_MISSING, now=NOON, publish_by=NOON)
    final = requested(fresh).rejected(reason="invalid_offer", now=NOON, publish_by=NOON)
    late = replace(requested(fresh), claim_deadline=NOON - SECOND, ready_at=NOON + 5 * SECOND)

    assert "the sweeper hands it over" in next_of(fresh)
    assert "from 2026-06-01 12:01:30 UTC (in 90 s) on" in next_of(waiting)
    assert "handed over again 2026-06-01 12:05:00 UTC (in 5 min)" in next_of(queued)
    assert "an attempt is under way" in next_of(requested(fresh))
    assert next_of(late) == "it is looked up at Coniq from 2026-06-01 12:00:05 UTC (in 5 s) on."
    assert next_of(refused) == (
        "the outcome is published on the bus, overdue since 2026-06-01 12:00:00 UTC (0 s ago)."
    )
    assert next_of(refused.announced(now=NOON)) == (
        "nothing, unless the customer signs up again, or an operator retries it: couponbus"
        f" resolve {fresh.issuance_id} --retry."
    )
    assert (
        "a consent that the program requires was not given (consent_missing)"
        in timeline_texts(refused)[1]
    )
    assert next_of(issued(fresh)) == (
        "the outcome is published on the bus, at the latest 2026-06-01 12:00:20 UTC (in 20 s)."
    )
    assert next_of(replace(final, due_at=None)) == "the outcome is published on the bus."


def test_an_attempt_without_a_time_to_look_it_up_is_still_shown() -> None:
    row = replace(requested(an_issuance()), ready_at=None)

    assert next_of(row).endswith("it is looked up.")


def test_an_ambiguous_one_says_what_to_type() -> None:
    row = ambiguous(an_issuance())

    assert row.state is IssuanceState.AMBIGUOUS
    assert "barcodes found: ************0042, ************0043" in next_of(row)
    assert f"couponbus resolve {row.issuance_id} with --choose LAST4" in next_of(row)
    assert "barcodes found: none" in next_of(replace(row, candidates=()))


def test_an_operators_decision_and_a_later_sign_up_are_shown() -> None:
    again = allowed_again(ambiguous(an_issuance()), now=NOON, why="found ones are another's")
    refused = an_issuance().rejected(reason="under_age", now=NOON, publish_by=NOON)
    once_more = reopened(refused, by=replace(an_issuance(), signup_id="second"), now=NOON)

    assert timeline_texts(again)[-1] == (
        "An operator allowed it to be issued anew: found ones are another's"
    )
    assert timeline_texts(once_more)[-1] == "A later sign-up (second) started it again."


def test_what_was_published_before_a_decision_stands_before_it() -> None:
    undecided = ambiguous(an_issuance()).announced(now=NOON + SECOND)
    again = allowed_again(undecided, now=NOON + 2 * SECOND, why="void")

    assert timeline_texts(undecided)[-1] == "BarcodeAmbiguous was published on the bus."
    assert timeline_texts(again)[-2:] == [
        "An outcome was published on the bus.",
        "An operator allowed it to be issued anew: void",
    ]


def test_a_search_for_a_customer_is_shown() -> None:
    row = replace(
        any_resolution(), signed_up_at=NOON, give_up_at=NOON + timedelta(days=3), due_at=None
    )
    waiting = row.waiting(now=NOON, until=NOON + 30 * SECOND, why="unknown", tries=1)
    refused = waiting.refused(reason=Refusal.CUSTOMER_UNKNOWN, now=NOON, publish_by=NOON)

    assert "with no customer id" in timeline_texts(waiting)[0]
    assert (
        timeline_texts(waiting)[1]
        == "The customer was looked up at Coniq, and is not known yet (unknown)."
    )
    assert "(in 30 s) on; given up 2026-06-04 12:00:00 UTC (in 3 d)." in next_of(waiting)
    assert "the customer did not appear at Coniq in time" in timeline_texts(refused)[2]
    assert "published on the bus" in next_of(refused)
    assert next_of(refused.announced(now=NOON)) == "nothing; it is done."
    assert (
        timeline_texts(refused.announced(now=NOON))[-1]
        == "BarcodeRefused was published on the bus."
    )
    assert next_of(row.resolved(customer_id=7, now=NOON)) == "see the issuance of customer 7."


def test_a_rejected_sign_up_is_shown() -> None:
    row = replace(any_rejection(), signup_id="bad-1", outcomes=0)
    owed = row.to_publish(now=NOON, by=NOON)

    assert story(owed, now=NOON, polling=UNPOLLED).title == (
        "Sign-up bad-1: not usable, schema (fields: customer.email)"
    )
    assert timeline_texts(owed) == ["It was rejected: schema."]
    assert "published on the bus" in next_of(owed)
    assert "the producer has to correct it" in next_of(owed.announced(now=NOON))
    assert (
        timeline_texts(owed.announced(now=NOON))[-1] == "SignUpRejected was published on the bus."
    )
    assert "fields" not in story(replace(row, fields=()), now=NOON, polling=UNPOLLED).title


def test_a_row_of_an_unknown_kind_is_a_fault() -> None:
    with pytest.raises(TypeError, match="no story for Row"):
        story(Row(), now=NOON, polling=UNPOLLED)


def test_times_and_reasons_read_naturally() -> None:
    assert [duration(n * SECOND) for n in (5, 119, 120, 7200, 180_000)] == [
        "5 s",
        "119 s",
        "2 min",
        "2 h",
        "2 d",
    ]
    assert when(NOON - 5 * SECOND, NOON) == "2026-06-01 11:59:55 UTC (5 s ago)"
    assert reason(None) == "no reason is stored"
    assert reason("teapot") == "teapot"
