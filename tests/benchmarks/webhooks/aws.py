"""AWS as a process of its own: a table that keeps its items, and queues that accept everything.

Conditions are not checked: the measuring process is the only writer. `aws` runs it.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from couponbus_sandbox.engine.statements import Attribute, statement_of
from tests.benchmarks.outside import Exchange
from tests.benchmarks.units import Item

type Items = dict[str, Item]


@contextmanager
def aws(*, secret: str) -> Iterator[str]:
    """Run it until the block ends; gives its URL. Every secret has the same text."""
    command = [sys.executable, "-m", __name__, secret]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()  # it ends when no process holds the other end any more


class Table(Exchange):
    """Requests over one connection, for items that all connections share."""

    def __init__(self, *, items: Items, secret: str) -> None:
        super().__init__(programs=b"", paces={})
        self._items = items
        self._secret = secret

    def _answered(self, target: bytes, body: bytes) -> bytes:
        asked = json.loads(body)
        return json.dumps(self._answer(target.decode().rpartition(".")[2], asked)).encode()

    def _answer(self, operation: str, asked: Mapping[str, object]) -> Mapping[str, object]:
        match operation:
            case "BatchGetItem":
                return {"Responses": self._found(cast("_Wanted", asked["RequestItems"]))}
            case "PutItem":
                self._put(cast("Item", asked["Item"]))
            case "BatchExecuteStatement":
                return self._executed(cast("list[dict[str, object]]", asked["Statements"]))
            case "Query":
                return {"Items": self._due(cast("Item", asked["ExpressionAttributeValues"]))}
            case "SendMessageBatch":
                entries = cast("list[dict[str, str]]", asked["Entries"])
                return {"Successful": [{"Id": entry["Id"]} for entry in entries]}
            case "GetSecretValue":
                return {"SecretString": self._secret}
        return {}

    def _executed(self, statements: list[dict[str, object]]) -> Mapping[str, object]:
        for each in statements:
            parameters = cast("list[Attribute]", each["Parameters"])
            self._put(statement_of(str(each["Statement"]), parameters).item)
        return {"Responses": [{}] * len(statements)}

    def _put(self, item: Item) -> None:
        self._items[str(item["pk"]["S"])] = item

    def _found(self, wanted: "_Wanted") -> Mapping[str, list[Item]]:
        return {
            table: [
                self._items[key]
                for each in asked["Keys"]
                if (key := str(each["pk"]["S"])) in self._items
            ]
            for table, asked in wanted.items()
        }

    def _due(self, values: Item) -> list[Item]:
        shard, now = values[":shard"]["S"], float(str(values[":now"]["N"]))
        return [
            {"pk": one["pk"], "sk": one["sk"], "due_shard": one["due_shard"]}
            for one in self._items.values()
            if one.get("due_shard", {}).get("S") == shard and float(str(one["due_at"]["N"])) <= now
        ]


type _Wanted = Mapping[str, Mapping[str, list[Item]]]


async def serve(secret: str) -> None:
    loop = asyncio.get_running_loop()
    items: Items = {}
    server = await loop.create_server(lambda: Table(items=items, secret=secret), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
