"""`couponbus barcodes`: what Coniq has for a customer."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from couponbus.domain.issuing.barcode import Barcode
from couponbus.domain.masking import masked
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.formatting import count

AccountOption = Annotated[
    str | None, typer.Option(help="The account at the provider; needed where there are several.")
]


@on_stage
def barcodes(
    stage: ChosenStage,
    *,
    customer: Annotated[int, typer.Argument(min=1, metavar="CUSTOMER", help="Coniq's id.")],
    offer: Annotated[int | None, typer.Option(min=1, help="Only of this offer.")] = None,
    account: AccountOption = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Show the numbers and images: a reader can redeem with them."),
    ] = False,
) -> Answer:
    """Show the barcodes that Coniq has for a customer, issued by couponbus or not."""
    criteria = {"customer_id": str(customer)}
    if offer is not None:
        criteria["offer_id"] = str(offer)
    listed = stage.open().providers.barcodes(account=account, criteria=criteria)
    # Coniq may ignore a criterion: what belongs to other customers is theirs.
    found = [one for one in listed if one.customer_id == customer and offer in (None, one.offer_id)]
    strays = len(listed) - len(found)
    rows = [_row(one, shown=one.number if full else masked(one.number)) for one in found]
    if full:
        rows = [{**row, "image_url": one.picture} for row, one in zip(rows, found, strict=True)]
    return Answer(data={"barcodes": rows, "foreign": strays}, shown=_shown(rows, strays=strays))


def _row(one: Barcode, *, shown: str) -> dict[str, object]:
    return {
        "barcode_number": shown,
        "offer_id": one.offer_id,
        "channel": one.channel,
        "tracking_code": one.tracking_code,
        "active": one.active,
        "expiry_date": one.expires_on.isoformat() if one.expires_on else None,
        "created_at": one.created_at.isoformat() if one.created_at else None,
    }


def _shown(rows: Sequence[dict[str, object]], *, strays: int) -> list[Table | str]:
    more = [f"Coniq also listed {count(strays, 'barcode')} that was not asked for."]
    if not rows:
        return ["Coniq has no such barcodes.", *(more if strays else ())]
    return [table_of(rows), *(more if strays else ())]


def table_of(rows: Sequence[dict[str, object]]) -> Table:
    """Return rows with the same keys as a table; texts may hold anything, so they are cleaned."""
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*("" if each is None else cell(each) for each in row.values()))
    return table


def cell(value: object) -> str:
    """Return a value of a provider without control characters."""
    return "".join(each if each.isprintable() else "?" for each in str(value))
