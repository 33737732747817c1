"""The small AWS of the contract suites on the second engine: an account for each test."""

import itertools
import json
import os
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from couponbus.aws.clients import Clients
from couponbus_sandbox.engine.access import Access
from tests.distribution import SECOND_ENGINE
from tests.integration.aws.cloud import Cloud, a_cloud, furnished

if TYPE_CHECKING:
    import pytest

# Where a suite runs.
ENGINES = ("moto", SECOND_ENGINE)
ACCOUNTS = itertools.count(100_000_000_001)


@contextmanager
def cloud_of(engine: str, request: "pytest.FixtureRequest") -> Iterator[Cloud]:
    """Yield what an adapter needs on the engine of that name."""
    if engine == "moto":
        with a_cloud() as cloud:
            yield cloud
        return
    with a_second_cloud(request.getfixturevalue("second")) as cloud:
        yield cloud


@contextmanager
def a_second_cloud(access: Access) -> Iterator[Cloud]:
    """Create queues and a bus in a new account; the engine takes a key of digits for its number."""
    settings = {
        "AWS_ACCESS_KEY_ID": str(next(ACCOUNTS)),
        "AWS_SECRET_ACCESS_KEY": "test-secret-not-real",
        "AWS_DEFAULT_REGION": access.region,
        "AWS_ENDPOINT_URL": access.endpoint_url,
        "AWS_CA_BUNDLE": str(access.ca_bundle),
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield furnished(Clients(), bodies_in=lambda url: bodies_on(access, url))
    finally:
        os.environ.update({name: value for name, value in before.items() if value is not None})
        for name in (name for name, value in before.items() if value is None):
            del os.environ[name]


def bodies_on(access: Access, queue_url: str) -> list[str]:
    """Return the messages of a queue that can be received now, without taking them."""
    query = urllib.parse.urlencode({"QueueUrl": queue_url})
    request = urllib.request.Request(
        f"{access.endpoint_url}/_aws/sqs/messages?{query}", headers={"Accept": "application/json"}
    )
    trust = urllib.request.HTTPSHandler(
        context=ssl.create_default_context(cafile=str(access.ca_bundle))
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), trust)
    with opener.open(request, timeout=10) as answer:
        result = json.load(answer)["ReceiveMessageResponse"]["ReceiveMessageResult"] or {}
    messages = result.get("Message", [])
    return [each["Body"] for each in (messages if isinstance(messages, list) else [messages])]
