"""PutEvents refuses an entry without source, detail type or a JSON object as its detail."""

import json
from collections.abc import Callable, Mapping
from typing import cast

from ministack.services import eventbridge

type Entry = Mapping[str, object]
type Request = Mapping[str, object]
type Answer = tuple[int, dict[str, str], bytes]

REQUIRED = ("Source", "DetailType", "Detail")


def install() -> None:
    """Put the check of each entry before the bus."""
    eventbridge._put_events = _checked(eventbridge._put_events)


def _checked(original: Callable[..., Answer]) -> Callable[..., Answer]:
    def put_events(request: Request, allow_aws_source: object = False) -> Answer:
        entries = cast(list[Entry], request.get("Entries", []))
        refusals = [_refusal(entry) for entry in entries]
        if not any(refusals):
            return original(request, allow_aws_source)
        good = [entry for entry, refusal in zip(entries, refusals, strict=True) if refusal is None]
        _status, _headers, body = original({**request, "Entries": good}, allow_aws_source)
        answer: Answer = eventbridge.json_response(_merged(json.loads(body), refusals))
        return answer

    return put_events


def _merged(answer: dict[str, object], refusals: list[Entry | None]) -> dict[str, object]:
    """Return one result for each entry, in the order of the request."""
    accepted = iter(cast(list[Entry], answer["Entries"]))
    results = [refusal or next(accepted) for refusal in refusals]
    failed = sum("ErrorCode" in result for result in results)
    return {"FailedEntryCount": failed, "Entries": results}


def _refusal(entry: Entry) -> Entry | None:
    """Return the entry's error as AWS names it (API reference of PutEvents), or None."""
    for name in REQUIRED:
        if not entry.get(name):
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    try:
        detail = json.loads(str(entry["Detail"]))
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None
