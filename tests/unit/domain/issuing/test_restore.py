"""What the restore mark says about an issuance."""

from dataclasses import replace
from datetime import timedelta

from couponbus.domain.issuing.issuance import Issuance
from couponbus.domain.issuing.restore import restore_of
from tests import factories


def test_of_two_restores_the_earlier_state_counts() -> None:
    now = factories.SPRING
    first = restore_of(to=now - timedelta(hours=5), at=now)
    sooner, later = now + timedelta(hours=1), now + timedelta(hours=2)

    open_still = first.begun_again(to=sooner, at=later)
    closed = first.done(now=now).begun_again(to=sooner, at=later)

    assert (open_still.to, open_still.done_at) == (first.to, None)
    assert (closed.to, closed.done_at) == (first.to, None)


def test_an_issuance_that_is_new_is_concerned_while_the_restore_is_open() -> None:
    now = factories.SPRING
    mark = restore_of(to=now, at=now)
    fresh: Issuance = replace(factories.any_issuance(), trail=())

    assert mark.may_have_forgotten(fresh)
    assert not mark.done(now=now).may_have_forgotten(fresh)
