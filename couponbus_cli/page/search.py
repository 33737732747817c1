"""A search for one customer: the timelines of `couponbus why`, or what was searched in vain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs

from couponbus_cli.page.opened_stage import OpenedStage, why_of
from couponbus_cli.why.command import hint_on

LONGEST = 200  # of what is searched for
BODY_MAX = 32_768  # what is pasted by mistake is answered with a sentence, too
TENANT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What the form sent."""

    query: str
    tenant: str = TENANT

    @property
    def problem(self) -> str | None:
        """Why it cannot be searched for."""
        if not self.query:
            return "Nothing was typed: give an id of a customer, a sign-up, a code, or another id."
        if len(self.query) > LONGEST or len(self.tenant) > LONGEST:
            return f"That is longer than any id: at most {LONGEST} characters are searched for."
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The stories that were found, as `couponbus why --json` has them."""

    query: str
    stories: Sequence[Mapping[str, object]] = ()
    searched: Sequence[str] = ()
    hint: str = ""
    problem: str | None = None


def search_in(body: bytes) -> Search:
    """Read a form; what it lacks is empty."""
    form = parse_qs(body.decode("utf-8", "replace"))
    query, tenant = (form.get(name, [""])[0].strip() for name in ("query", "tenant"))
    return Search(query=query, tenant=tenant or TENANT)


def result_of(search: Search, stage: OpenedStage) -> Result:
    """Search, and return what was found, or why it could not be searched."""
    if search.problem is not None:
        return Result(query=search.query[:LONGEST], problem=search.problem)
    try:
        data = stage.explain(search.query, tenant=search.tenant).data
    except Exception as error:  # a viewer sees the reason, whatever it is
        return Result(query=search.query, problem=why_of(error))
    stories = cast("Sequence[Mapping[str, object]]", data["rows"])
    return Result(
        query=search.query,
        stories=stories,
        searched=cast("Sequence[str]", data["searched"]),
        hint="" if stories else hint_on(search.query),
    )
