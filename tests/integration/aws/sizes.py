"""How large an item is, as DynamoDB bills it."""

from collections.abc import Mapping


def size(item: Mapping[str, object]) -> int:
    """Return the size as the developer guide counts it ("DynamoDB item sizes and formats")."""
    return sum(len(name.encode()) + _size_of(value) for name, value in item.items())


def _size_of(attribute: object) -> int:
    assert isinstance(attribute, dict)
    ((tag, value),) = attribute.items()
    match tag:
        case "S":
            return len(value.encode())
        case "N":
            return len(value) // 2 + 2
        case "BOOL":
            return 1
        case "L":
            return 3 + sum(1 + _size_of(each) for each in value)
        case _:
            return 3 + len(value) + size(value)
