"""Access to Uniqodo, and the prefix of the path (docs/providers.md#uniqodo-request)."""

from http import HTTPStatus

from couponbus.providers.uniqodo.account import Prefix
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.uniqodo_questions import NOBODY, UniqodoHistory, UniqodoQuestions, other

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


def enter(ask: UniqodoQuestions, *, user_id: str) -> tuple[list[Finding], UniqodoHistory]:
    """Call under both prefixes and with a wrong key; continue with the prefix that works."""
    first = ask.history(user_id)
    second = ask.elsewhere(user_id)
    wrong = ask.with_wrong_key(user_id)
    prefix = _judged_prefix(first, second)
    if second.is_answer and not first.is_answer:
        ask.prefix, first = other(Prefix.PUBLISHER), second
    access = _judged_access(first, wrong)
    if first.reply.is_no_access and not first.is_answer:
        ask.caller.stop("the key was refused")
    return [access, prefix, _judged_wrong_key(wrong)], first


def judge_no_promotion(ask: UniqodoQuestions, *, user_id: str) -> Finding:
    """Query a promotion that does not exist."""
    reply = ask.of_no_promotion(user_id).reply
    if reply.status is None:
        return NO_PROMOTION.not_told(reply.said)
    is_missing = reply.status == HTTPStatus.NOT_FOUND
    return (NO_PROMOTION.holds if is_missing else NO_PROMOTION.differs)(reply.said)


def judge_no_user(asked: UniqodoHistory) -> Finding:
    """Judge the answer about an unknown user."""
    if asked.reply.status is None or not asked.errors:
        return NO_USER.not_told(asked.reply.said)
    with_reference = any(error.get("reference") for error in asked.errors)
    said = f"{asked.reply.said}, {shown_codes(asked.codes)}, " + (
        "with a reference" if with_reference else "without a reference"
    )
    if asked.codes == [UNRECOGNISED] and not asked.records and not asked.offer:
        return NO_USER.holds(said)
    return NO_USER.differs(said)


def judge_case(ask: UniqodoQuestions, known: UniqodoHistory, *, user_id: str) -> Finding:
    """Query the same user in the other case."""
    if user_id.swapcase() == user_id:
        return USER_CASE.not_told("the user id has no letters")
    if not known.offer and not known.records:
        return USER_CASE.not_told("the user is not known")
    asked = ask.history(user_id.swapcase())
    if not asked.is_answer:
        return USER_CASE.not_told(asked.reply.said)
    if asked.offer or asked.records:
        return USER_CASE.differs("known in the other case as well")
    return USER_CASE.holds("not known in the other case")


def asked_nobody(ask: UniqodoQuestions) -> UniqodoHistory:
    """Query a user who does not exist."""
    return ask.history(NOBODY)


def shown_codes(codes: list[object]) -> str:
    """Return error codes; only small numbers are shown."""
    shown = {
        str(code) if type(code) is int and 0 <= code < 10**6 else "no number" for code in codes
    }
    return "error " + " and ".join(sorted(shown))


def _judged_access(first: UniqodoHistory, wrong: UniqodoHistory) -> Finding:
    if first.is_answer:
        return ACCESS.holds(first.reply.said)
    if first.reply.is_no_access:
        return ACCESS.differs(first.reply.said)
    if first.reply.status is None:
        return ACCESS.not_told(first.reply.said)
    alike = (first.reply.status, first.reply.body) == (wrong.reply.status, wrong.reply.body)
    if alike:
        return ACCESS.differs(f"{first.reply.said}, the same answer as to a wrong key")
    return ACCESS.not_told(f"{first.reply.said} without data, unlike the answer to a wrong key")


def _judged_prefix(first: UniqodoHistory, second: UniqodoHistory) -> Finding:
    if first.is_answer:
        return PREFIX.holds(
            "both work" if second.is_answer else f"/distributor: {second.reply.said}"
        )
    if second.is_answer:
        return PREFIX.differs(f"{first.reply.said}, but {second.reply.said} for /distributor")
    return PREFIX.not_told(f"{first.reply.said}, and {second.reply.said} for /distributor")


def _judged_wrong_key(wrong: UniqodoHistory) -> Finding:
    reply = wrong.reply
    if reply.status is None:
        return WRONG_KEY.not_told(reply.said)
    if reply.status == HTTPStatus.UNAUTHORIZED:
        return WRONG_KEY.holds(reply.said)
    if wrong.is_answer:
        return WRONG_KEY.differs("it is accepted", change="ask Uniqodo: any key is accepted")
    return WRONG_KEY.differs(reply.said)
