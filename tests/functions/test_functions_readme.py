"""The Python that functions/README.md shows to producers is sent over a socket to the handler."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.error import HTTPError

import pytest

from couponbus.domain.webhooks.signature import secret_of
from couponbus.usecases.invocation import Metric
from functions.receive_callback.handler import handler
from tests.architecture import tree
from tests.architecture.markdown import rows_under
from tests.callback_factories import Json, any_detail
from tests.functions.invocation import FakeContext
from tests.functions.receiving_harness import ReceivingHarness, event_of
from tests.unit.usecases.inbound.receiving_world import KEY

type Send = Callable[..., Json]


def the_python_of_the_page() -> Send:
    page = tree.text(tree.ROOT / "functions" / "README.md")
    (block,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(block, "functions/README.md", "exec"), names)
    return cast("Send", names["send_sign_ups"])


@contextmanager
def a_gateway(harness: ReceivingHarness) -> Iterator[str]:
    """Run a fake API Gateway on a free port, and return the URL of the sign-ups."""

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = dict(self.headers.items())
            event = event_of("POST", self.path, headers=headers, body=body)
            answer = handler(event, FakeContext(), service=harness.receiver)
            self.send_response(answer["statusCode"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer["body"].encode())

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/sign-ups"
        finally:
            server.shutdown()
            thread.join()


def test_a_producer_can_sign_sign_ups_as_the_page_shows() -> None:
    harness, send = ReceivingHarness(), the_python_of_the_page()
    first, second = any_detail(), any_detail(attributes={"shop": "Zoë's"})

    with a_gateway(harness) as url:
        answer = send(url, secret_of(KEY), first, second)

    accepted = [{"signup_id": each["signup_id"]} for each in (first, second)]
    assert answer["accepted"] == accepted
    assert [json.loads(body)["detail"] for body in harness.sign_ups.sent] == [first, second]


def test_what_the_page_says_of_a_wrong_field_is_what_is_answered() -> None:
    harness, send = ReceivingHarness(), the_python_of_the_page()

    with a_gateway(harness) as url, pytest.raises(HTTPError) as refused:
        send(url, secret_of(KEY), any_detail(occurred_at="2126-01-31T12:00:00Z"))

    with refused.value as answer:
        content = json.load(answer)
    assert answer.code == 400
    (problem,) = content["problems"]
    assert set(problem) == {"index", "field", "problem", "message"}
    assert (problem["index"], problem["field"]) == (0, "occurred_at")


def test_each_metric_that_the_page_explains_is_written_by_a_function() -> None:
    page = tree.text(tree.ROOT / "functions" / "README.md")
    explained = [row[0] for row in rows_under(page, "What the metrics measure")]
    handlers = "".join(map(tree.text, (tree.ROOT / "functions").glob("*/handler.py")))
    written = {metric.value for metric in Metric} | set(re.findall(r'"([A-Z]\w+)"', handlers))

    assert len(explained) > 5
    assert {name for cell in explained for name in re.findall(r"`(\w+)`", cell)} <= written
