"""The pages list the queues, indexes and rows that the stacks and the ledger have."""

import re

from couponbus.aws.ledger.kinds import KINDS
from couponbus.aws.ledger.retention import EXPIRING
from events.contracts import contracts
from events.parties import PARTIES
from tests.architecture import tree
from tests.architecture.markdown import rows_under
from tests.infra.assembly import Assembly
from tests.infra.test_permissions import allowed
from tests.infra.test_queues import queues
from tests.infra.test_state import indexes, table

NAME = re.compile(r"`([\w-]+)`")


def listed_under(heading: str) -> dict[str, list[str]]:
    """Return the cells of each row of infra/README.md by the name in the first of them."""
    page = tree.text(tree.ROOT / "infra" / "README.md")
    return {NAME.findall(first)[0]: rest for first, *rest in rows_under(page, heading)}


def functions_in(cell: str, assembly: Assembly) -> set[str]:
    return set(NAME.findall(cell)) & set(assembly.functions)


def permitted(assembly: Assembly, action: str) -> dict[str, set[str]]:
    """Return the functions that may perform this action on each resource, by its label."""
    found: dict[str, set[str]] = {}
    for name, function in assembly.functions.items():
        role = assembly.target(function.properties["Role"], function.stack)
        for resource in allowed(assembly, role).get(action, ()):
            found.setdefault(resource, set()).add(name)
    return found


def test_each_queue_is_listed_with_the_functions_that_may_write_and_read_it(dev: Assembly) -> None:
    writers, readers = permitted(dev, "sqs:SendMessage"), permitted(dev, "sqs:ReceiveMessage")
    there = {
        name: (writers.get(queue.label, set()), readers.get(queue.label, set()))
        for name, queue in queues(dev).items()
    }
    named = {
        name: (functions_in(written_by, dev), functions_in(read_by, dev))
        for name, (written_by, read_by) in listed_under("Queues").items()
    }

    assert named == there


def test_each_index_is_listed_with_its_keys_and_the_functions_that_may_query_it(
    dev: Assembly,
) -> None:
    queried, label = permitted(dev, "dynamodb:Query"), f"Table {table(dev)['TableName']}/index/"
    there = {
        name: ([key for key, _ in keys], queried.get(f"{label}{name}", set()))
        for name, (keys, _) in indexes(dev).items()
    }
    named = {
        name: (NAME.findall(keys), functions_in(queried_by, dev))
        for name, (keys, _, queried_by) in listed_under("Indexes of the ledger").items()
    }

    assert named == there


def test_each_kind_of_row_is_listed_with_its_class_and_whether_it_is_ever_deleted() -> None:
    named = {
        kind: (NAME.findall(class_)[0], not kept.startswith("for good"))
        for kind, (class_, *_, kept) in listed_under("Rows of the ledger").items()
    }

    assert named == {kind: (row.__name__, kind in EXPIRING) for kind, row in KINDS.items()}


def test_each_published_event_is_listed_with_the_row_that_owes_it() -> None:
    owed = [name for cells in listed_under("Rows of the ledger").values() for name in cells[-2:]]
    published = {each.name for each in contracts() if each.direction == "published"}

    assert set(NAME.findall(" ".join(owed))) == published


def test_the_catalogue_names_each_function_that_may_write_to_a_queue_of_messages(
    dev: Assembly,
) -> None:
    may_write = permitted(dev, "sqs:SendMessage")
    parties = [PARTIES[each.name] for each in contracts()]
    missing = {
        name: may_write.get(queue.label, set()) - functions_in(producers, dev)
        for name, queue in queues(dev).items()
        if (
            producers := "".join(each.producer for each in parties if f"`{name}`" in each.consumers)
        )
    }

    assert missing
    assert {name: functions for name, functions in missing.items() if functions} == {}
