"""Everything that is asked of Uniqodo, in an order in which each answer helps the next question."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cli.probing.caller import Caller
from cli.probing.findings import Finding
from cli.probing.rates import rate_limit
from cli.probing.uniqodo_access import (
    asked_nobody,
    enter,
    judge_case,
    judge_no_promotion,
    judge_no_user,
)
from cli.probing.uniqodo_body import judge_body
from cli.probing.uniqodo_questions import UniqodoQuestions
from cli.probing.uniqodo_records import judge_records, judge_zone
from couponbus.providers.uniqodo.account import ZONE, UniqodoAccount

USERS_MAX = 5
PACE = UniqodoAccount(name="", secret_id="").calls_per_second


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoSample:
    """Which promotion and whom to ask about, one to five; never shown."""

    promotion: str
    users: Sequence[str] = field(repr=False)
    zone: str = ZONE


def probe_uniqodo(
    caller: Caller, *, base_url: str, api_key: str, sample: UniqodoSample
) -> list[Finding]:
    """Return what was found out. Raises Failed."""
    ask = UniqodoQuestions(
        caller=caller, base_url=base_url, api_key=api_key, promotion=sample.promotion
    )
    user_id = sample.users[0]
    findings, first = enter(ask, user_id=user_id)
    histories = [first, *(ask.history(each) for each in sample.users[1:])]
    nobody = asked_nobody(ask)
    return [
        *findings,
        judge_no_promotion(ask, user_id=user_id),
        judge_no_user(nobody),
        judge_case(ask, first, user_id=user_id),
        *judge_body([*histories, nobody]),
        *judge_records(histories),
        judge_zone(histories, zone=sample.zone),
        rate_limit(ask.replies, calls_per_second=PACE),
    ]
