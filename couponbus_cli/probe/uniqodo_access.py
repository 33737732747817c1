"""Access to Uniqodo, and the prefix of the path (docs/providers.md#uniqodo-request)."""

from http import HTTPStatus

from couponbus.providers.uniqodo.account import Prefix
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.uniqodo_calls import (
    UNKNOWN_USER,
    UniqodoCalls,
    UniqodoHistory,
    other,
)

UNRECOGNISED = 204
ACCESS = Assumption(name="key", text="the key is accepted", change="the secret, or base_url")
PREFIX = Assumption(
    name="prefix",
    text="the path begins with /publisher",
    change="account: prefix = distributor (UNIQODO_QUERY_PREFIX)",
)
WRONG_KEY = Assumption(
    name="wrong_key",
    text="a key that does not exist is 401",
    change=f"{NOTHING_TO_CHANGE}; simulator: auth_status",
)
NO_PROMOTION = Assumption(
    name="unknown_promotion",
    text="a promotion that does not exist is 404",
    change=f"{NOTHING_TO_CHANGE}; simulator: unknown_promotion_status",
)
NO_USER = Assumption(
    name="unknown_user",
    text="an unknown user is error 204, no records and offer null",
    change="account: error_kinds",
)
USER_CASE = Assumption(
    name="user_case",
    text="upper and lower case of a user id matter",
    change="nothing: it is sent as it was stored",
)


def open_access(calls: UniqodoCalls, *, user_id: str) -> tuple[list[Finding], UniqodoHistory]:
    """Call under both prefixes and with a wrong key; continue with the prefix that works."""
    first = calls.history(user_id)
    second = calls.elsewhere(user_id)
    wrong = calls.with_wrong_key(user_id)
    prefix = _judge_prefix(first, second)
    if second.is_answer and not first.is_answer:
        calls.prefix, first = other(Prefix.PUBLISHER), second
    access = _judge_key(first, wrong)
    if first.reply.is_no_access and not first.is_answer:
        calls.caller.stop("the key was refused")
    return [access, prefix, _judge_wrong_key(wrong)], first


def judge_no_promotion(calls: UniqodoCalls, *, user_id: str) -> Finding:
    """Query a promotion that does not exist."""
    reply = calls.of_no_promotion(user_id).reply
    if reply.status is None:
        return NO_PROMOTION.unproven(reply.summary)
    is_missing = reply.status == HTTPStatus.NOT_FOUND
    return (NO_PROMOTION.holds if is_missing else NO_PROMOTION.differs)(reply.summary)


def judge_no_user(answer: UniqodoHistory) -> Finding:
    """Judge the answer about an unknown user."""
    if answer.reply.status is None or not answer.errors:
        return NO_USER.unproven(answer.reply.summary)
    with_reference = any(error.get("reference") for error in answer.errors)
    evidence = f"{answer.reply.summary}, {shown_codes(answer.codes)}, " + (
        "with a reference" if with_reference else "without a reference"
    )
    if answer.codes == [UNRECOGNISED] and not answer.records and not answer.offer:
        return NO_USER.holds(evidence)
    return NO_USER.differs(evidence)


def judge_case(calls: UniqodoCalls, known: UniqodoHistory, *, user_id: str) -> Finding:
    """Query the same user in the other case."""
    if user_id.swapcase() == user_id:
        return USER_CASE.unproven("the user id has no letters")
    if not known.offer and not known.records:
        return USER_CASE.unproven("the user is not known")
    answer = calls.history(user_id.swapcase())
    if not answer.is_answer:
        return USER_CASE.unproven(answer.reply.summary)
    if answer.offer or answer.records:
        return USER_CASE.differs("known in the other case as well")
    return USER_CASE.holds("not known in the other case")


def query_unknown_user(calls: UniqodoCalls) -> UniqodoHistory:
    """Query a user who does not exist."""
    return calls.history(UNKNOWN_USER)


def shown_codes(codes: list[object]) -> str:
    """Return error codes; only small numbers are shown."""
    shown = {
        str(code) if type(code) is int and 0 <= code < 10**6 else "no number" for code in codes
    }
    return "error " + " and ".join(sorted(shown))


def _judge_key(first: UniqodoHistory, wrong: UniqodoHistory) -> Finding:
    if first.is_answer:
        return ACCESS.holds(first.reply.summary)
    if first.reply.is_no_access:
        return ACCESS.differs(first.reply.summary)
    if first.reply.status is None:
        return ACCESS.unproven(first.reply.summary)
    alike = (first.reply.status, first.reply.body) == (wrong.reply.status, wrong.reply.body)
    if alike:
        return ACCESS.differs(f"{first.reply.summary}, the same answer as to a wrong key")
    return ACCESS.unproven(f"{first.reply.summary} without data, unlike the answer to a wrong key")


def _judge_prefix(first: UniqodoHistory, second: UniqodoHistory) -> Finding:
    if first.is_answer:
        return PREFIX.holds(
            "both work" if second.is_answer else f"/distributor: {second.reply.summary}"
        )
    if second.is_answer:
        return PREFIX.differs(f"{first.reply.summary}, but {second.reply.summary} for /distributor")
    return PREFIX.unproven(f"{first.reply.summary}, and {second.reply.summary} for /distributor")


def _judge_wrong_key(wrong: UniqodoHistory) -> Finding:
    reply = wrong.reply
    if reply.status is None:
        return WRONG_KEY.unproven(reply.summary)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return WRONG_KEY.holds(reply.summary)
    if wrong.is_answer:
        return WRONG_KEY.differs("it is accepted", change="ask Uniqodo: any key is accepted")
    return WRONG_KEY.differs(reply.summary)
