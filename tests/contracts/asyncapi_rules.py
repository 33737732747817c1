"""The rules of AsyncAPI 3.0 for a document, as far as the product's document uses them.

From the specification, "Schema": fixed fields, required ones, and where references may point.
"""

import re
from collections.abc import Iterator, Mapping

KEY = re.compile(r"[A-Za-z0-9._-]+")
PARAMETER = re.compile(r"{([^}]*)}")
DOCUMENT = {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
CHANNEL = {"address", "title", "summary", "description", "parameters", "messages", "bindings"}
OPERATION = {"action", "channel", "title", "summary", "description", "messages", "bindings"}
MESSAGE = {"name", "title", "summary", "description", "headers", "payload", "traits", "examples"}
TRAIT = MESSAGE - {"payload", "traits"}

type Node = Mapping[str, object]


def broken_rules(document: Node) -> list[str]:
    """Return one sentence for each rule that the document breaks."""
    return [
        *_fields("the document", document, known=DOCUMENT, needed={"asyncapi", "info"}),
        *_info(node(document, "info")),
        *_channels(document),
        *_operations(document),
        *_messages(document),
        *_references(document),
    ]


def node(parent: Node, name: str) -> Node:
    found = parent.get(name, {})
    assert isinstance(found, Mapping)
    return found


def nodes(parent: Node) -> Iterator[tuple[str, Node]]:
    for name in parent:
        yield name, node(parent, name)


def target(document: Node, reference: object) -> object:
    """Return what a reference into the document names, None for nothing."""
    found: object = document
    for part in str(reference).removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def references(value: object) -> Iterator[str]:
    """Yield each reference, at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    if isinstance(value, Mapping):
        if "$ref" in value:
            yield str(value["$ref"])
        for each in value.values():
            yield from references(each)


def _fields(what: str, found: Node, *, known: set[str], needed: set[str]) -> Iterator[str]:
    if unknown := set(found) - known:
        yield f"{what} has no field {sorted(unknown)}"
    if missing := needed - set(found):
        yield f"{what} needs {sorted(missing)}"


def _info(info: Node) -> Iterator[str]:
    known = {"title", "version", "description"}
    yield from _fields("info", info, known=known, needed={"title", "version"})


def _channels(document: Node) -> Iterator[str]:
    for name, channel in nodes(node(document, "channels")):
        yield from _fields(f"channel {name}", channel, known=CHANNEL, needed=set())
        address = channel.get("address")
        declared = set(node(channel, "parameters"))
        if set(PARAMETER.findall(str(address))) != declared:
            yield f"channel {name} has the address {address} and parameters {sorted(declared)}"
        for key, message in nodes(node(channel, "messages")):
            if message != {"$ref": f"#/components/messages/{key}"}:
                yield f"channel {name} does not refer to a message as {key}"


def _operations(document: Node) -> Iterator[str]:
    for name, operation in nodes(node(document, "operations")):
        needed = {"action", "channel"}
        yield from _fields(f"operation {name}", operation, known=OPERATION, needed=needed)
        if operation.get("action") not in ("send", "receive"):
            yield f"operation {name} neither sends nor receives"
        channel = str(node(operation, "channel").get("$ref"))
        if not channel.startswith("#/channels/"):
            yield f"operation {name} is on no channel of the document"
        # "It MUST contain a subset of the messages defined in the channel referenced."
        for reference in references(operation.get("messages")):
            if not reference.startswith(f"{channel}/messages/"):
                yield f"operation {name} has {reference}, which is not on its channel"


def _messages(document: Node) -> Iterator[str]:
    components = node(document, "components")
    for known, kind in ((MESSAGE, "messages"), (TRAIT, "messageTraits")):
        for name, message in nodes(node(components, kind)):
            yield from _fields(f"{kind} {name}", message, known=known, needed=set())
            if message.get("headers") and node(message, "headers").get("type") != "object":
                yield f"{kind} {name} has headers that are no object"
            for example in message.get("examples") or []:  # type: ignore[attr-defined]
                yield from _fields(
                    f"an example of {name}", example, known={"name", "payload"}, needed={"payload"}
                )
            if not KEY.fullmatch(name):
                yield f"{name} is no name of a component"


def _references(document: Node) -> Iterator[str]:
    for reference in references(document):
        if reference.startswith("#/") and target(document, reference) is None:
            yield f"{reference} refers to nothing"
