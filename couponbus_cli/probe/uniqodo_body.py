"""The form of Uniqodo's answers (docs/providers.md#uniqodo-answers)."""

from collections.abc import Callable, Sequence

from couponbus.providers.uniqodo.account import KNOWN_ERRORS
from couponbus_cli.probe.findings import NOTHING_TO_CHANGE, Assumption, Finding
from couponbus_cli.probe.forms import kind_of, kinds
from couponbus_cli.probe.uniqodo_access import UNRECOGNISED, shown_codes
from couponbus_cli.probe.uniqodo_calls import Object, UniqodoHistory

TOTALS = ("total_discount_value", "total_order_value")
BODY = Assumption(
    name="body",
    text="the records are in data.redemption",
    change=f"{NOTHING_TO_CHANGE}; simulator: body = totals",
)
DATA = Assumption(
    name="data",
    text="data is an object",
    change="ask Uniqodo: nothing can be read; simulator: data",
)
RECORDS = Assumption(
    name="records",
    text="records is a list",
    change="nothing: the snapshot is marked incomplete; simulator: records",
)
OFFER = Assumption(
    name="offer",
    text="offer is an object for a user with a code",
    change="nothing: simulator: offer",
)
ERRORS = Assumption(
    name="errors", text="errors is a list", change="nothing: it is noted; simulator: errors"
)
TOTAL = Assumption(
    name="total",
    text="total is the number of records",
    change="nothing: the snapshot is marked incomplete; simulator: total_offset",
)
RESULT = Assumption(
    name="result",
    text="a success has the result success",
    change=f"{NOTHING_TO_CHANGE}; simulator: result_on_success = absent",
)
STATUS = Assumption(
    name="status_with_errors",
    text="an answer with errors has status 200",
    change=f"{NOTHING_TO_CHANGE}; simulator: error_status",
)
CODES = Assumption(
    name="error_codes",
    text="error codes are known numbers",
    change="account: error_kinds (UNIQODO_ERROR_CLASSES)",
)


def judge_body(histories: Sequence[UniqodoHistory]) -> list[Finding]:
    """Judge the answers about all users that were given."""
    answered = [each for each in histories if each.reply.fields]
    if not answered:
        evidence = histories[0].reply.summary
        parts = (BODY, DATA, RECORDS, OFFER, ERRORS, TOTAL, RESULT, STATUS, CODES)
        return [each.unproven(evidence) for each in parts]
    answers = [each for each in answered if each.is_answer]
    known = [each for each in answers if each.records or _is_recognised(each)]
    return [
        _judge_place(answers),
        _judge_part(DATA, [each.reply.fields for each in answered], key="data", wanted="an object"),
        _judge_part(RECORDS, [each.container for each in answers], key="records", wanted="a list"),
        _judge_part(OFFER, [each.data for each in known], key="offer", wanted="an object"),
        _judge_part(
            ERRORS, [each.reply.fields for each in answered], key="errors", wanted="a list"
        ),
        _judge_total(answers),
        _judge_result(answers),
        _judge_status(answered),
        _judge_codes(answered),
    ]


def _is_recognised(answer: UniqodoHistory) -> bool:
    errors = answer.reply.fields.get("errors")
    return isinstance(errors, list) and UNRECOGNISED not in answer.codes


def _judge_place(answers: Sequence[UniqodoHistory]) -> Finding:
    if any("redemption" in each.data for each in answers):
        return BODY.holds("data.redemption")
    if any("records" in each.data or name in each.data for each in answers for name in TOTALS):
        return BODY.differs("data itself, beside totals of money")
    return BODY.unproven("there are no records anywhere")


def _judge_part(
    assumption: Assumption, places: Sequence[Object], *, key: str, wanted: str
) -> Finding:
    if not places:
        return assumption.unproven("no answer that should have it")
    evidence = sorted({kind_of(each[key]) if key in each else "absent" for each in places})
    judged: Callable[[str], Finding] = (
        assumption.holds if evidence == [wanted] else assumption.differs
    )
    return judged(" or ".join(evidence))


def _judge_total(answers: Sequence[UniqodoHistory]) -> Finding:
    counts = [
        (each.container["total"], len(each.records))
        for each in answers
        if "total" in each.container
    ]
    if not counts:
        return TOTAL.unproven("there is no total")
    wrong = sum(total != number for total, number in counts)
    if wrong:
        return TOTAL.differs(f"{wrong} of {len(counts)} answers have another number")
    return TOTAL.holds(f"in {len(counts)} answers")


def _judge_result(answers: Sequence[UniqodoHistory]) -> Finding:
    successes = [each.reply.fields for each in answers if each.reply.fields.get("errors") == []]
    if not successes:
        return RESULT.unproven("no success: give a --user with a code that can still be used")
    if all(each.get("result") == "success" for each in successes):
        return RESULT.holds("success")
    values = [kind_of(each["result"]) if "result" in each else "absent" for each in successes]
    return RESULT.differs(" or ".join(sorted(set(values))))


def _judge_status(answered: Sequence[UniqodoHistory]) -> Finding:
    statuses = sorted({each.reply.summary for each in answered if each.errors})
    if not statuses:
        return STATUS.unproven("no answer has an error")
    evidence = " or ".join(statuses)
    return STATUS.holds(evidence) if statuses == ["status 200"] else STATUS.differs(evidence)


def _judge_codes(answered: Sequence[UniqodoHistory]) -> Finding:
    codes = [code for each in answered for code in each.codes]
    if not codes:
        return CODES.unproven("no answer has an error")
    is_known = all(type(code) is int and code in KNOWN_ERRORS for code in codes)
    evidence = shown_codes(codes) + ("" if is_known else f" ({kinds(codes)})")
    return CODES.holds(evidence) if is_known else CODES.differs(evidence)
