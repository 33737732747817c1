"""The shapes that MiniStack's CloudFormation hands to a resource provisioner and takes back."""

import json
from collections.abc import Mapping
from typing import cast

type Properties = dict[str, object]
type Attributes = dict[str, str]
type Provisioned = tuple[str, Attributes]
type Answer = tuple[int, Mapping[str, str], bytes]


def checked(answer: Answer) -> Properties:
    """Return the body of an API answer; raise ValueError, which fails the resource, on an error."""
    status, _headers, body = answer
    content = cast(Properties, json.loads(body))
    if status >= 400:  # noqa: PLR2004 - the HTTP boundary between an answer and an error
        raise ValueError(str(content.get("message") or content))
    return content
