"""An HTTP request and its answer, as the use cases see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from couponbus.domain.errors import Unavailable
from couponbus.usecases.causes import Cause, cause_of
from couponbus.usecases.invocation import Metric
from couponbus.usecases.traces import ByOutcome

RETRY_AFTER = "30"  # seconds
NO_TRACES: ByOutcome = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request, not parsed yet; `path` is that of the route, so a secret is only in `secret`.

    Names of headers are in lower case; the query is as received.
    """

    method: str
    path: str
    secret: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: str = field(default="", repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to the caller; `content` becomes JSON, None is no content."""

    status: int
    content: Mapping[str, object] | None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An error that the caller can correct: where, a code, and what to do; never a value.

    `index` is that of the sign-up, None when it is the request.
    """

    field: str
    problem: str
    message: str
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """The answer, what was counted, and the mistake that an operator must correct.

    `traces` has those of the sign-ups that were accepted, or failed; `cause` says why the caller
    must send again.
    """

    answer: Answer
    counts: Mapping[Metric, int]
    mistake: str | None = None
    traces: ByOutcome = field(default_factory=dict)
    cause: Cause | None = None


# Word for word the answer of API Gateway to a path without a route, so that a caller cannot
# distinguish a wrong secret from an unknown path.
NOT_FOUND_ANSWER = Answer(status=404, content={"message": "Not Found"})
INTERNAL_ERROR = Answer(
    status=500,
    content={
        "error": "internal",
        "message": "This is our mistake. Send the same request again later.",
    },
)
UNAVAILABLE = Answer(
    status=503,
    content={
        "error": "unavailable",
        "message": "Send the same request again later, under the same id.",
    },
    headers=(("retry-after", RETRY_AFTER),),
)


def unavailable(error: Unavailable, *, traces: ByOutcome = NO_TRACES) -> Reception:
    """Return that a part of ours did not answer, so that the caller must send again."""
    return Reception(
        answer=UNAVAILABLE,
        counts={Metric.UNREACHABLE: 1},
        traces=traces,
        cause=cause_of(error),
    )


def not_allowed(methods: Sequence[str]) -> Answer:
    """Return the answer to a method that this path does not allow."""
    return Answer(
        status=405,
        content={"error": "method_not_allowed", "message": f"Send {' or '.join(methods)}."},
        headers=(("allow", ", ".join(methods)),),
    )


def refused(
    status: int, error: str, message: str, *, problems: Sequence[Problem] = (), omitted: int = 0
) -> Answer:
    """Return a refusal; `omitted` is the number of further problems."""
    content: dict[str, object] = {"error": error, "message": message}
    if problems:
        content["problems"] = [_shown(each) for each in problems]
    if omitted:
        content["omitted"] = omitted
    return Answer(status=status, content=content)


def _shown(problem: Problem) -> Mapping[str, object]:
    place = {} if problem.index is None else {"index": problem.index}
    return {
        **place,
        "field": problem.field,
        "problem": problem.problem,
        "message": problem.message,
    }
