"""Checks of the account: what can be known before the first deployment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from couponbus_cli.app.triggers import Trigger
from couponbus_cli.doctor.answers import Account, Concurrency
from couponbus_cli.doctor.finding import Said, fine, problem, unknown, warning

# The synthesizer of the CDK's library refuses an older one; a test reads it in our templates.
BOOTSTRAP = 6
# What the mappings of prod run at once, the lanes of its stream, and its ticks; a test adds it up.
USUAL_CONCURRENCY = 60
TICKS = 3
SKEW_LATE, SKEW_REFUSED = timedelta(seconds=30), timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A quota of Service Quotas, and below which value a campaign would feel it.

    `floor` is what the 600 sign-ups a second of one account at Coniq take, of 3 calls with 200.
    """

    service: str
    code: str
    what: str
    floor: float


QUOTAS = (
    Quota(
        service="dynamodb",
        code="L-AB614373",
        what="write units a second of a table",
        floor=600 * 11,
    ),
    Quota(service="events", code="L-9B653E91", what="PutEvents a second", floor=600),
)


def judge_account(account: Account) -> Said:
    """Say which account and region the credentials are of."""
    return fine(f"{account.number} in {account.region}")


def judge_clock(account: Account) -> Said:
    """Compare the clock of this machine; that of the functions is AWS's own."""
    if account.ahead is None:
        return unknown("the answer of AWS had no date")
    seconds = account.ahead.total_seconds()
    text = f"this machine is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} AWS"
    if abs(account.ahead) >= SKEW_REFUSED:
        return problem(text, do="set its clock: signatures are refused, --since means another time")
    if abs(account.ahead) >= SKEW_LATE:
        return warning(text, do="set its clock")
    return fine(text)


def judge_bootstrap(version: int | None) -> Said:
    """Compare the bootstrap stack with what the templates need."""
    if version is None:
        return problem("the account is not bootstrapped", do="cdk bootstrap")
    if version < BOOTSTRAP:
        return problem(f"version {version}, {BOOTSTRAP} is needed", do="cdk bootstrap")
    return fine(f"version {version}, {BOOTSTRAP} is needed")


def judge_concurrency(concurrency: Concurrency, triggers: Sequence[Trigger]) -> Said:
    """Compare what may run at once with what the triggers start; before a deployment a usual sum.

    A queue whose function is throttled returns its messages, which end as dead letters.
    """
    needed = sum(each.concurrency for each in triggers) + TICKS if triggers else USUAL_CONCURRENCY
    free = concurrency.unreserved + concurrency.ours
    text = (
        f"{free:,} of {concurrency.limit:,} may run at once and are not reserved by others,"
        f" {needed:,} are started at most"
    )
    if free < needed:
        return problem(text, do="raise the quota L-B99A9384 of Lambda; new accounts have 10")
    if free < 2 * needed:
        return warning(text, do="the HTTP API and other users of the account have the rest")
    return fine(text)


def judge_quotas(values: Sequence[tuple[Quota, float]]) -> Said:
    """Compare quotas with what full batches take."""
    text = "; ".join(f"{quota.what} {value:,.0f}" for quota, value in values)
    low = [quota for quota, value in values if value < quota.floor]
    if not low:
        return fine(text)
    asked = ", ".join(f"{each.code} to {each.floor:,.0f}" for each in low)
    return warning(text, do=f"before a campaign raise {asked}")
