"""An export that another stack imports cannot go or change; one that goes is there no more."""

from collections.abc import Callable, Iterator, Mapping

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks

type Outputs = tuple[list[Mapping[str, str]], Mapping[str, Mapping[str, str]]]

ENDED = ("CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_COMPLETE")


def install() -> None:
    """Compare a stack's exports with those that it had, before they are published."""
    stacks._resolve_stack_outputs = _comparing(stacks._resolve_stack_outputs)


def _comparing(original: Callable[..., Outputs]) -> Callable[..., Outputs]:
    def resolve(*given: object) -> Outputs:
        outputs, exports = original(*given)
        stack = str(given[-2])
        had = _exports_of(stack)
        for name, value in had.items():
            done = "deleted" if name not in exports else "updated"
            if name in exports and exports[name]["Value"] == value:
                continue
            for user in _users(name, stack):
                raise ValueError(f"Export {name} cannot be {done} as it is in use by {user}")
        for name in had.keys() - exports.keys():
            cloudformation._exports.pop(name, None)
        return outputs, exports

    return resolve


def _exports_of(stack: str) -> Mapping[str, str]:
    published = cloudformation._stacks[stack].get("Outputs", [])
    return {each["ExportName"]: each["OutputValue"] for each in published if "ExportName" in each}


def _users(export: str, owner: str) -> Iterator[str]:
    for name, stack in list(cloudformation._stacks.items()):
        if name == owner or stack["StackStatus"] in ENDED:
            continue
        if export in handlers._imported_export_names(stack, name):
            yield str(name)
