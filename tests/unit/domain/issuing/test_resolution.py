"""A sign-up waits for its customer, and the e-mail is forgotten as soon as it may be."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from couponbus.domain.errors import TransitionRefused
from couponbus.domain.issuing.resolution import Resolution, ResolutionState
from couponbus.domain.row import Transition
from tests import factories
from tests.fakes.clock import NOON

SOON = NOON + timedelta(seconds=10)
STEPS: dict[str, Transition[Resolution]] = {
    "waiting": lambda one: one.waiting(now=NOON, until=SOON, why="customer unknown", tries=3),
    "resolved": lambda one: one.resolved(customer_id=42, now=NOON),
    "refused": lambda one: one.refused(reason="customer_unknown", now=NOON, publish_by=SOON),
}


def test_a_waiting_one_is_taken_up_when_its_pause_is_over() -> None:
    row = STEPS["waiting"](factories.any_resolution())

    assert row.state is ResolutionState.WAITING
    assert (row.ready_at, row.due_at, row.tries) == (SOON, SOON, 3)
    assert row.email is not None


def test_a_resolved_one_forgets_the_e_mail_and_publishes_nothing() -> None:
    row = STEPS["resolved"](STEPS["waiting"](factories.any_resolution()))

    assert (row.state, row.customer_id) == (ResolutionState.RESOLVED, 42)
    assert (row.email, row.due_at, row.ready_at) == (None, None, None)
    assert not row.unpublished
    assert row.decided_at == NOON


def test_a_refused_one_forgets_the_e_mail_and_owes_an_event() -> None:
    row = STEPS["refused"](STEPS["waiting"](factories.any_resolution()))

    assert (row.state, row.reason, row.email) == (
        ResolutionState.REFUSED,
        "customer_unknown",
        None,
    )
    assert (row.unpublished, row.due_at, row.ready_at) == (True, SOON, None)


@pytest.mark.parametrize("then", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("first", ["resolved", "refused"])
def test_a_decided_one_stays_decided(first: str, then: Callable[[Resolution], Resolution]) -> None:
    decided = STEPS[first](factories.any_resolution())

    with pytest.raises(TransitionRefused, match="RESOLUTION#"):
        then(decided)


def test_the_e_mail_does_not_show_when_the_row_does() -> None:
    row = factories.any_resolution()

    assert str(row.email) not in repr(row)


def test_a_rejection_owes_its_producer_an_event() -> None:
    row = factories.any_rejection().to_publish(now=NOON, by=SOON)

    assert (row.unpublished, row.due_at) == (True, SOON)
    assert (row.trail[-1].what, row.trail[-1].detail) == ("rejected", row.reason)
