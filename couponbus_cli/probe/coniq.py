"""All calls to Coniq, in an order in which each answer helps the next call."""

from couponbus.domain.issuing.account import Account
from couponbus_cli.probe.caller import Caller
from couponbus_cli.probe.coniq_barcodes import (
    CUSTOMER,
    judge_access,
    judge_created,
    judge_customer,
    judge_errors,
    judge_expiry,
    judge_identity,
    judge_no_customer,
    judge_optional,
    judge_shape,
    judge_version,
    judge_wrong_key,
)
from couponbus_cli.probe.coniq_batch import issue_batches, judge_mixed, judge_visible, judge_whole
from couponbus_cli.probe.coniq_calls import (
    UNKNOWN_CODE,
    UNKNOWN_EMAIL,
    ConiqCalls,
    Sample,
    listing_of,
)
from couponbus_cli.probe.coniq_filters import (
    Lookups,
    judge_code,
    judge_no_criterion,
    judge_unknown,
    look_up,
)
from couponbus_cli.probe.coniq_issuing import IssueRequests, issue_twice
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.rates import rate_limit

BASE_URL = "https://api-stage.coniq.com"
PACE = Account(name="", base_url="", secret_id="").calls_per_second


def probe_coniq(
    caller: Caller, *, base_url: str, api_key: str, sample: Sample, requests: IssueRequests | None
) -> list[Finding]:
    """Return the findings; with `requests`, barcodes are issued. Raises Failed."""
    calls = ConiqCalls(caller=caller, base_url=base_url, api_key=api_key)
    lookups = look_up(calls, sample)
    access = judge_access(calls.replies[0])
    criteria = lookups.anchor or {"tracking_code": UNKNOWN_CODE}
    normal = lookups.listed if lookups.anchor else lookups.code_missed
    versionless = calls.without_version(**criteria)
    findings = [
        judge_unknown(lookups, calls),
        *_customers(calls, sample),
        judge_no_criterion(calls),
    ]
    written = _looked_up(calls, lookups) if requests is None else _written(calls, requests, lookups)
    wrong_key = calls.with_wrong_key(**lookups.anchor)
    items = [
        item
        for each in map(listing_of, calls.replies)
        for item in each.items or ()
        if "barcode_number" in item
    ]
    return [
        access,
        judge_wrong_key(wrong_key),
        judge_version(versionless, normal=normal),
        judge_errors(calls.replies),
        judge_shape(calls.listings),
        judge_identity(items),
        judge_created(items),
        judge_expiry(items),
        judge_optional(items),
        *lookups.findings,
        *findings,
        *written,
        rate_limit(calls.replies, calls_per_second=PACE),
    ]


def _customers(calls: ConiqCalls, sample: Sample) -> list[Finding]:
    missing = judge_no_customer(calls.customer(UNKNOWN_EMAIL))
    if sample.email is None:
        return [missing, CUSTOMER.unproven("give --email")]
    reply = calls.customer(sample.email)
    return [missing, judge_customer(reply, email=sample.email, customer_id=sample.customer_id)]


def _looked_up(calls: ConiqCalls, lookups: Lookups) -> list[Finding]:
    code = lookups.tracking_code
    hit = None if code is None else calls.barcodes(tracking_code=code)
    return [judge_code(lookups, hit=hit, code=code)]


def _written(calls: ConiqCalls, requests: IssueRequests, lookups: Lookups) -> list[Finding]:
    issued = issue_twice(calls, requests, known=lookups.listed)
    batched = issue_batches(calls, requests)
    code = batched.codes[-1] if batched.codes else lookups.tracking_code
    hit = None if code is None else calls.barcodes(tracking_code=code)
    later = lookups.listed
    if lookups.anchor:
        later = calls.barcodes(**lookups.anchor)
    new = hit if batched.codes else None
    return [
        judge_code(lookups, hit=hit, code=code),
        *issued.findings,
        *batched.findings,
        *judge_mixed(batched, later=later),
        judge_visible(batched, hit=new),
        judge_whole(batched, later=later, hit=new),
    ]
