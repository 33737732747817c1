"""`couponbus programs rematch`: match the kept unmatched sign-ups against the programs of today."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import Annotated

import typer

from couponbus.domain.issuing.unmatched import UnmatchedSignUp
from couponbus.domain.patterns.matcher import Matcher, compiled
from couponbus.domain.row import Rows
from couponbus.usecases.issuing.unmatched_sign_ups import sign_ups_of
from couponbus.usecases.store import Store
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.formatting import count
from couponbus_cli.app.spans import Typed, moment_of, typed_moment
from couponbus_cli.app.unreadable import readable_of, report_unreadable
from couponbus_cli.app.world import World

PAGE = 100


@on_stage
def rematch(
    stage: ChosenStage,
    *,
    since: Annotated[
        str,
        typer.Option(
            metavar="AGO|MOMENT",
            help="Sign-ups that arrived since then: 2h, 3d, or a moment with its zone.",
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> Answer:
    """Match sign-ups that matched no program against the programs in force."""
    typed = typed_moment(since, option="--since")
    return rematched(stage.open(), since=typed, dry_run=dry_run)


def rematched(world: World, *, since: Typed, dry_run: bool) -> Answer:
    """Make the sign-ups that match now due; the sweeper and issue_barcodes do the rest.

    Safe to interrupt and to repeat. Raises LedgerUnavailable.
    """
    now = world.clock.now()
    programs = readable_of(world.programs.active())
    matchers = {each.name: compiled(each.pattern) for each in programs}
    store = Store(ledger=world.rows, ids=world.ids, clock=world.clock)
    wanted: Counter[str] = Counter()
    broken: set[str] = set()
    found = matching = 0
    for page in _pages(world, since=since):
        broken |= page.broken
        rows = [row for row in page.values() if isinstance(row, UnmatchedSignUp) and row.is_kept]
        found += len(rows)
        chosen = [row for row in rows if (names := _names(row, matchers)) and _noted(names, wanted)]
        matching += len(chosen)
        if not dry_run:
            broken |= store.write([row.rematching(now=now) for row in chosen]).broken
    report_unreadable("sign-ups, which stay as they are", broken)
    data = {
        "kept": found,
        "matching": matching,
        "programs": dict(wanted),
        "rematched": 0 if dry_run else matching,
        "unreadable": sorted(broken),
    }
    return Answer(data=data, shown=_shown(found, matching, wanted, dry_run=dry_run))


def _pages(world: World, *, since: Typed) -> Iterator[Rows]:
    now = world.clock.now()
    keys = world.unmatched.kept(since=moment_of(since, now=now), until=now)
    for page in batched(keys, PAGE, strict=False):
        yield world.rows.read(page)


def _names(row: UnmatchedSignUp, matchers: Mapping[str, Matcher]) -> list[str]:
    return [
        name
        for sign_up in sign_ups_of([row])
        for name, matches in matchers.items()
        if matches(sign_up.envelope)
    ]


def _noted(names: Sequence[str], wanted: Counter[str]) -> Sequence[str]:
    wanted.update(names)
    return names


def _shown(found: int, matching: int, wanted: Counter[str], *, dry_run: bool) -> list[str]:
    lines = [f"  {name}: {count(number, 'sign-up')}" for name, number in sorted(wanted.items())]
    text = (
        f"{count(found, 'sign-up is', 'sign-ups are')} kept that matched no program;"
        f" {matching} of them match one now."
    )
    if matching and not dry_run:
        text += " They are processed within a minute or two."
    elif matching:
        text += " Nothing was changed: repeat it without --dry-run."
    return [text, *lines]
