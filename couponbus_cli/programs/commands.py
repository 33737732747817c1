"""`couponbus programs`: apply a file, list, remove."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.poll_policy import WatchRule
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import count
from couponbus_cli.app.unreadable import readable_of
from couponbus_cli.app.world import World
from couponbus_cli.programs.accounts import require_accounts, require_no_other_name
from couponbus_cli.programs.diff import Change, Difference, as_written, differences
from couponbus_cli.programs.list_filters import notes_of_change, require_same_filters
from couponbus_cli.programs.rematch import rematch

programs = typer.Typer(
    no_args_is_help=True,
    help="Manage programs: which sign-ups get which barcode, and what is watched.",
)

MARKS = {Change.ADDED: "+", Change.CHANGED: "~", Change.REPLACED: "~", Change.REMOVED: "-"}
NOTES = {
    Change.KEPT: "not in the file; --prune would remove it",
    Change.REPLACED: "replaced; this version could not read it",
}

programs.command("rematch")(rematch)


@programs.command("apply")
@on_stage
def apply_file(
    stage: ChosenStage,
    *,
    file: Annotated[
        Path, typer.Argument(help="YAML or JSON; see couponbus_cli/samples/programs.yaml.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the changes.")] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove programs that are not in the file.")
    ] = False,
    allow_unknown_account: Annotated[
        bool,
        typer.Option("--allow-unknown-account", help="Do not check which accounts are deployed."),
    ] = False,
    account_gone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROVIDER/ID",
            help="An account, such as coniq/main, that was deployed and is not in use any more.",
        ),
    ] = None,
) -> Answer:
    """Add and change programs so that the stage matches the file."""
    wanted = _read(file)
    world = stage.open()
    gone, seen = account_gone or [], list[str]()
    if allow_unknown_account:
        require_no_other_name(wanted, world, gone=gone)
    else:
        seen += require_accounts(wanted, world, gone=gone)
    missing = Change.REMOVED if prune else Change.KEPT
    stored = world.programs.active()
    found = differences(stored=stored, wanted=wanted, missing=missing)
    before = stored.readable
    named = {program.name for program in wanted}
    others = [] if prune else [program for program in before if program.name not in named]
    require_same_filters(wanted, kept=others)
    if not dry_run:
        world.seen_accounts.see(seen)
        world.seen_accounts.forget(gone)
        carry_out(found, wanted, world)
    notes = list(notes_of_change(wanted, stored=before))
    return _applied(found, notes, file=file, verb="would change" if dry_run else "changed")


@programs.command("list")
@on_stage
def list_programs(stage: ChosenStage) -> Answer:
    """Show the programs of the stage."""
    found = stage.open().programs.active()
    stored = sorted(readable_of(found), key=lambda each: each.name)
    data = {
        "programs": [as_written(program) for program in stored],
        "unreadable": sorted(found.unreadable),
    }
    shown = [_table(stored)] if stored else ["There are no programs: apply a file."]
    return Answer(data=data, shown=shown)


@programs.command("remove")
@on_stage
def remove(
    stage: ChosenStage,
    *,
    name: Annotated[str, typer.Argument(help="The program's name.")],
) -> Answer:
    """Remove a program; sign-ups that still wait for it are refused."""
    if not stage.open().programs.remove(name):
        raise Failed(f"there is no program {name}", kind="not_found")
    return Answer(data={"removed": name}, shown=[f"{name} is removed."])


def carry_out(found: Sequence[Difference], wanted: Sequence[Program], world: World) -> None:
    """Write the differences; a retry completes what a failure has interrupted."""
    by_name = {program.name: program for program in wanted}
    for difference in found:
        if difference.change in (Change.ADDED, Change.CHANGED, Change.REPLACED):
            world.programs.put(by_name[difference.name])
        if difference.change is Change.REMOVED:
            world.programs.remove(difference.name)


def _read(file: Path) -> list[Program]:
    # Only this command reads YAML.
    from couponbus_cli.programs.file import ProgramsFileInvalid, read_programs  # noqa: PLC0415

    try:
        return read_programs(file)
    except ProgramsFileInvalid as invalid:
        number = count(len(invalid.faults), "fault")
        text = f"{invalid}\n{number}; nothing was changed"
        raise Failed(text, kind="invalid_file", details=invalid.details()) from None
    except OSError as error:
        text = f"{file} cannot be read: {error.strerror}"
        raise Failed(text, kind="invalid_file") from None


def _applied(found: Sequence[Difference], notes: Sequence[str], *, file: Path, verb: str) -> Answer:
    changed = sum(difference.change in MARKS for difference in found)
    shown = [*(line for difference in found for line in _lines(difference)), *notes]
    data = {
        "file": file.name,
        "changed": changed if verb == "changed" else 0,
        "programs": [difference.data() for difference in found],
    }
    return Answer(data=data, shown=[*shown, f"{file.name} {verb} {count(changed, 'program')}."])


def _lines(difference: Difference) -> list[str]:
    note = NOTES.get(difference.change, difference.change.value)
    head = f"{MARKS.get(difference.change, ' ')} {difference.name}: {note}"
    fields = [
        f"    {name}: {_shown(before)} -> {_shown(after)}"
        for name, (before, after) in difference.fields.items()
    ]
    return [head, *fields]


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _table(stored: Sequence[Program]) -> Table:
    table = Table("name", "account", "offer", "channel", "watches", "for", "only if")
    for program in stored:
        issued = (program.account, program.offer_id, program.channel)
        table.add_row(
            program.name,
            *("-" if value is None else str(value) for value in issued),
            _watched(program),
            _shown(dict(program.pattern)),
            _gates(program),
        )
    return table


def _watched(program: Program) -> str:
    lines = (
        " ".join([*filter(None, (rule.provider, rule.account, rule.promotion)), *_texts(rule)])
        for rule in program.watches
    )
    return "\n".join(lines) or "-"


def _texts(rule: WatchRule) -> Sequence[str]:
    return rule.list_filter.texts if rule.list_filter else ()


def _gates(program: Program) -> str:
    gates = [f"consent {consent}" for consent in program.required_consents]
    if program.minimum_age is not None:
        gates.append(f"{program.minimum_age} or older")
    if program.valid_from is not None:
        gates.append(f"from {program.valid_from.isoformat()}")
    if program.valid_until is not None:
        gates.append(f"until {program.valid_until.isoformat()}")
    return "\n".join(gates)
