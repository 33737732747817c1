"""Ordinary traffic rings no alarm."""

import pytest

from tests.incidents.account import Account
from tests.incidents.stage import WATCHED
from tests.incidents.template import StageTemplate
from tests.incidents.traffic import sign_ups, watched_sign_ups
from tests.thorough import amount

HOUR, DAY = 60, 24 * 60


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_no_alarm_rings_on_a_quiet_day_nor_in_a_quiet_week(prod: StageTemplate) -> None:
    days = amount(7, few=1)
    account = Account(prod, programs=(WATCHED,))
    (stage,) = account.stages
    stage.parts.has_endpoint("shop")
    # Few are polled: a plan of polls costs as much for one customer as for thousands.
    stage.traffic += [sign_ups(every=20), watched_sign_ups(every=12 * HOUR)]

    account.run(days * DAY)

    assert [(change.at, change.alarm) for change in account.alarms.changes] == []
    assert len(stage.parts.bus.events) >= days * DAY / 20
    assert len(stage.parts.providers.asked) >= 20 * days


def test_a_day_without_any_sign_up_is_quiet_too(prod: StageTemplate) -> None:
    account = Account(prod)

    account.run(DAY, stride=10)

    assert account.alarms.changes == []
