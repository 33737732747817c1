"""Long lists go into a request as they are: botocore would walk over each value of each item."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic_core import to_json

if TYPE_CHECKING:
    from botocore.client import BaseClient

# Operations, and their parameters that are JSON already: a moment is a number in them.
LISTS: Mapping[str, str] = {"TransactWriteItems": "TransactItems", "PutEvents": "Entries"}
ASIDE = "couponbus.ready_list"


def send_lists_as_they_are(client: "BaseClient") -> None:
    """Make a client write these lists itself; signing, retries and answers stay botocore's.

    The walk is most of what a write of a hundred rows costs (docs/performance.md#aws-client).
    """
    events = client.meta.events
    service = client.meta.service_model.service_id.hyphenize()
    for operation, name in LISTS.items():
        if operation in client.meta.service_model.operation_names:
            hook = _List(name)
            events.register(f"before-parameter-build.{service}.{operation}", hook.set_aside)
            events.register(f"before-call.{service}.{operation}", hook.put_back)


class _List:
    """One parameter, between the two events of a call."""

    def __init__(self, name: str) -> None:
        self._name = name

    def set_aside(
        self, *, params: dict[str, object], context: dict[str, object], **_: object
    ) -> None:
        context[ASIDE] = params.pop(self._name)

    def put_back(
        self, *, params: dict[str, object], context: dict[str, object], **_: object
    ) -> None:
        body = params["body"]
        assert isinstance(body, bytes)  # noqa: S101 - the JSON serialiser makes nothing else
        whole = {**json.loads(body), self._name: context[ASIDE]}
        params["body"] = to_json(whole)
