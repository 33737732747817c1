"""All calls to Uniqodo, in an order in which each answer helps the next call."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from couponbus.providers.uniqodo.account import ZONE, UniqodoAccount
from couponbus_cli.probe.caller import Caller
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.rates import rate_limit
from couponbus_cli.probe.uniqodo_access import (
    judge_case,
    judge_no_promotion,
    judge_no_user,
    open_access,
    query_unknown_user,
)
from couponbus_cli.probe.uniqodo_body import judge_body
from couponbus_cli.probe.uniqodo_calls import UniqodoCalls
from couponbus_cli.probe.uniqodo_records import judge_records, judge_zone

USERS_MAX = 5
PACE = UniqodoAccount(name="", secret_id="").calls_per_second


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoSample:
    """The promotion and the users to query, one to five; never shown."""

    promotion: str
    users: Sequence[str] = field(repr=False)
    zone: str = ZONE


def probe_uniqodo(
    caller: Caller, *, base_url: str, api_key: str, sample: UniqodoSample
) -> list[Finding]:
    """Return the findings. Raises Failed."""
    calls = UniqodoCalls(
        caller=caller, base_url=base_url, api_key=api_key, promotion=sample.promotion
    )
    user_id = sample.users[0]
    findings, first = open_access(calls, user_id=user_id)
    histories = [first, *(calls.history(each) for each in sample.users[1:])]
    unknown = query_unknown_user(calls)
    return [
        *findings,
        judge_no_promotion(calls, user_id=user_id),
        judge_no_user(unknown),
        judge_case(calls, first, user_id=user_id),
        *judge_body([*histories, unknown]),
        *judge_records(histories),
        judge_zone(histories, zone=sample.zone),
        rate_limit(calls.replies, calls_per_second=PACE),
    ]
