"""`couponbus watch pause|resume|pauses`: stop and restart the polls of an account."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.polling.pause import Pause
from couponbus.domain.provider import Provider
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import moment
from couponbus_cli.app.world import World
from couponbus_cli.programs.watch_fields import PROMOTION
from couponbus_cli.resolve.settling import safe_reason
from couponbus_cli.watch.pauses import Subject, changed, pause_of, require_deployed, wake
from couponbus_cli.watch.polling import polling_of

BY_OPERATOR = "by an operator"

ProviderOption = Annotated[Provider, typer.Option(help="The provider.")]
AccountOption = Annotated[str, typer.Option(help="The account, as the stage is deployed with it.")]
PromotionOption = Annotated[
    str | None, typer.Option(help="Only this promotion at Uniqodo, not the whole account.")
]
ReasonOption = Annotated[str, typer.Option(help="Why the account is paused. No personal data.")]


@on_stage
def pause(
    stage: ChosenStage,
    *,
    provider: ProviderOption,
    account: AccountOption,
    promotion: PromotionOption = None,
    reason: ReasonOption = BY_OPERATOR,
) -> Answer:
    """Stop the polls of an account or a promotion; its watches are kept."""
    subject = _subject(provider, account, promotion)

    world = stage.open()
    require_deployed(subject, world)
    now, why = world.clock.now(), safe_reason(reason)
    after = changed(subject, lambda before: _paused(before, subject, why, now), world)
    text = f"{subject.name} is not polled from the next minute on. To resume: couponbus"
    return Answer(data=_data(subject, after), shown=[f"{text} watch resume {subject.options}"])


@on_stage
def resume(
    stage: ChosenStage,
    *,
    provider: ProviderOption,
    account: AccountOption,
    promotion: PromotionOption = None,
) -> Answer:
    """Restart the polls of one promotion, or of an account with all its promotions."""
    subject = _subject(provider, account, promotion)

    world = stage.open()
    before = pause_of(subject, world)
    if not subject.is_held(before):
        raise Failed(f"{subject.name} is not paused", kind="not_paused")
    now = world.clock.now()
    after = changed(subject, lambda row: row.resumed(promotion, now=now), world)
    shown = [
        f"{subject.name} is polled again from the next minute on; postponed polls follow within"
        f" {_follow(subject, after, world)}."
    ]
    if after.reason is not None:
        shown.append(f"But its account stays paused: {after.reason}.")
    return Answer(data=_data(subject, after), shown=shown)


@on_stage
def pauses(stage: ChosenStage) -> Answer:
    """Show what is paused, and why."""
    found = [
        (Subject(provider=provider, account=account), row)
        for (provider, account), row in polling_of(stage.open()).pauses.items()
    ]
    held = [(subject, row) for subject, row in found if subject.is_held(row)]
    data = {"pauses": [_data(subject, row) for subject, row in held]}
    return Answer(data=data, shown=[_table(held) if held else "Nothing is paused."])


def _subject(provider: Provider, account: str, promotion: str | None) -> Subject:
    """Return it. Raises BadParameter."""
    if promotion is not None and provider is not Provider.UNIQODO:
        raise typer.BadParameter("only Uniqodo has promotions")
    if promotion is not None and not PROMOTION.fullmatch(promotion):
        raise typer.BadParameter("--promotion: 32 hexadecimal digits, in lower case")
    return Subject(provider=provider, account=account, promotion=promotion)


def _follow(subject: Subject, after: Pause, world: World) -> str:
    """Wake what was postponed, and return within what time it is polled."""
    try:
        wake(subject, after, world)
    except LedgerUnavailable:
        return "an hour"
    return "minutes"


def _paused(before: Pause, subject: Subject, why: str, now: datetime) -> Pause:
    if subject.promotion is None:
        return before.of_all(reason=why, now=now)
    return before.of_promotion(subject.promotion, now=now)


def _data(subject: Subject, row: Pause) -> dict[str, object]:
    return {
        "provider": subject.provider.value,
        "account": subject.account,
        "reason": row.reason,
        "promotions": [*row.promotions],
        "since": row.since and row.since.isoformat(),
    }


def _table(held: Sequence[tuple[Subject, Pause]]) -> Table:
    table = Table("provider", "account", "paused", "why", "since")
    for subject, row in held:
        since = "-" if row.since is None else moment(row.since)
        for what, why in _what(row):
            table.add_row(subject.provider, subject.account, what, why, since)
    return table


def _what(row: Pause) -> Iterator[tuple[str, str]]:
    if row.reason is not None:
        yield "all of it", row.reason
    for promotion in row.promotions:
        yield f"promotion {promotion}", "unknown to the provider, or paused by an operator"
