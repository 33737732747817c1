"""The write units that DynamoDB bills: one for each KB, two in a transaction."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping

type Item = Mapping[str, Mapping[str, object]]

KB = 1024
INDEXES = (("due_shard", "due_at"), ("signup",), ("history_hour", "history_place"))
TRANSACTION = 2


class Units:
    """Keeps the items, because an index is billed by what changes in it."""

    def __init__(self) -> None:
        self.table: Counter[str] = Counter()
        self.indexes: Counter[str] = Counter()
        self.changes: list[tuple[Item, Item]] = []
        self._items: dict[str, Item] = {}

    def forget(self) -> None:
        """Reset the counts; the items stay."""
        self.table.clear()
        self.indexes.clear()
        self.changes.clear()

    def per_row(self) -> float:
        """Return the units of the table for each issuance that was written."""
        return self.table["ISSUANCE"] / self._rows()

    def per_row_in_indexes(self) -> float:
        """Return the units of the indexes for each issuance that was written."""
        return self.indexes["ISSUANCE"] / self._rows()

    def all_of_table(self) -> int:
        """Return the units of the table."""
        return self.table.total()

    def _rows(self) -> int:
        rows = (str(after["pk"]["S"]) for _, after in self.changes if "pk" in after)
        return len({key for key in rows if key.startswith("ISSUANCE#")})

    def note(self, operation: str, body: bytes) -> None:
        """Count a request if it writes."""
        if operation == "TransactWriteItems":
            for action in json.loads(body)["TransactItems"]:
                self._put(action["Put"]["Item"], times=TRANSACTION)
        elif operation == "PutItem":
            self._put(json.loads(body)["Item"], times=1)
        elif operation == "UpdateItem":
            self.table["UpdateItem"] += 1  # a record of some hundred bytes

    def _put(self, item: Item, *, times: int) -> None:
        key = json.dumps([item["pk" if "pk" in item else "id"], item.get("sk")])
        before = self._items.get(key, {})
        kind = str(item["pk"]["S"]).partition("#")[0] if "pk" in item else "IDEMPOTENCY"
        self.table[kind] += times * -(-size(item) // KB)
        self.indexes[kind] += sum(_index_units(before, item))
        self.changes.append((before, item))
        self._items[key] = item


def _index_units(before: Item, after: Item) -> Iterator[int]:
    """Yield a unit for each entry that appears, disappears, or moves (one each way)."""
    for keys in INDEXES:
        old = [before[key] for key in keys if key in before]
        new = [after[key] for key in keys if key in after]
        if old != new:
            yield int(len(old) == len(keys)) + int(len(new) == len(keys))


def size(item: Item) -> int:
    """Return roughly the bytes that DynamoDB counts: names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(attribute: Mapping[str, object]) -> int:
    ((tag, value),) = attribute.items()
    if isinstance(value, dict):
        return 3 + size(value)
    if isinstance(value, list):
        return 3 + sum(1 + _size(each) for each in value)
    text = str(value)
    return (len(text) + 1) // 2 + 1 if tag == "N" else len(text.encode())
