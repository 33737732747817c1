"""All calls to Koupon, in an order in which each answer helps the next call."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.credentials import Credentials
from couponbus_cli.probe.caller import Caller
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.koupon_access import judge_access, open_access
from couponbus_cli.probe.koupon_calls import KouponCalls
from couponbus_cli.probe.koupon_filters import (
    judge_channel,
    judge_geo,
    judge_list,
    judge_none_left,
    judge_published,
    judge_to_date,
)
from couponbus_cli.probe.koupon_offers import judge_errors, judge_form, judge_stores
from couponbus_cli.probe.koupon_zone import judge_zone
from couponbus_cli.probe.rates import rate_limit

BASE_URL = "https://consumer.kouponmedia.com"
DEFAULTS = KouponAccount(name="", base_url=BASE_URL, secret_id="")


@dataclass(frozen=True, slots=True, kw_only=True)
class KouponSample:
    """The consumer, offer and store to query; never shown."""

    consumer: str = field(repr=False)
    offer_id: str | None = None
    store_id: str | None = None
    timezone: str = DEFAULTS.timezone


def probe_koupon(
    caller: Caller, *, base_url: str, credentials: Credentials, sample: KouponSample
) -> list[Finding]:
    """Return the findings. Raises Failed."""
    calls = KouponCalls(
        caller=caller, base_url=base_url, credentials=credentials, consumer=sample.consumer
    )
    access = open_access(calls)
    everything = access.offers
    findings = [
        *access.findings,
        *judge_access(calls),
        *judge_form(everything),
        judge_zone(everything, zone=sample.timezone),
        judge_list(calls, everything, offer_id=sample.offer_id),
        judge_none_left(calls),
        judge_published(calls, everything, zone=ZoneInfo(sample.timezone)),
        judge_to_date(calls, everything),
        judge_channel(calls, everything),
        judge_geo(calls, everything),
        judge_stores(
            None
            if sample.store_id is None
            else calls.offers(query=[("storeid", (sample.store_id,))])
        ),
    ]
    return [
        *findings,
        judge_errors(calls.replies),
        rate_limit(calls.replies, calls_per_second=DEFAULTS.calls_per_second),
    ]
