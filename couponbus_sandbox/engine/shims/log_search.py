"""FilterLogEvents finds whole phrases, in their case, and has pages."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import cast

from ministack.services import cloudwatch_logs

from couponbus_sandbox.engine.log_pattern import matcher

type Request = dict[str, object]
type Answer = tuple[int, Mapping[str, str], bytes]
type Event = Mapping[str, object]

# Less than AWS's 10,000, as each client must follow the token anyway (AWS also cuts at 1 MB).
PAGE = 1000
OK = 200

_search = cloudwatch_logs._filter_log_events
_compile = cloudwatch_logs._compile_filter_pattern


def install() -> None:
    """Replace the matching of text patterns, which splits phrases, and add the pages."""
    cloudwatch_logs._compile_filter_pattern = _compiled
    cloudwatch_logs._filter_log_events = _page


def _compiled(pattern: str) -> Callable[[str], bool]:
    if pattern.lstrip().startswith(("{", "[", "%")):
        others: Callable[[str], bool] = _compile(pattern)
        return others
    return matcher(pattern)


def _page(request: Request) -> Answer:
    limit = min(int(str(request.get("limit") or PAGE)), PAGE)
    start, skip = _place(request)
    answer: Answer = _search(request | {"startTime": start, "limit": skip + limit + 1})
    if answer[0] != OK:
        return answer
    found = cast(list[Event], json.loads(answer[2])["events"])
    page: dict[str, object] = {"events": found[skip : skip + limit], "searchedLogStreams": []}
    if len(found) > skip + limit:
        page["nextToken"] = _token(found[: skip + limit])
    result: Answer = cloudwatch_logs.json_response(page)
    return result


def _token(seen: list[Event]) -> str:
    """Return the time of the last event, and how many of that time were seen."""
    last = seen[-1]["timestamp"]
    place = [last, sum(event["timestamp"] == last for event in seen)]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _place(request: Request) -> tuple[object, int]:
    token = request.get("nextToken")
    if not token:
        return request.get("startTime"), 0
    start, skip = json.loads(base64.urlsafe_b64decode(str(token)))
    return start, int(skip)
