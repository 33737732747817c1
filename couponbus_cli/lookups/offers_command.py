"""`couponbus offers`: what Koupon lists for a consumer, with each parameter of its list call."""

from datetime import datetime
from typing import Annotated

import typer

from couponbus.domain.errors import InputRejected
from couponbus.domain.polling.offer import Offer, When
from couponbus.domain.web_address import web_address
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import count
from couponbus_cli.lookups.barcodes_command import AccountOption, table_of

DAYS = ["%Y-%m-%d"]
YES_NO = {"yes": True, "no": False, None: None}


@on_stage
def offers(  # noqa: PLR0913 - a shell names its options
    stage: ChosenStage,
    *,
    consumer: Annotated[str, typer.Argument(metavar="CONSUMER", help="The consumer's identity.")],
    account: AccountOption = None,
    fromdt: Annotated[
        datetime | None, typer.Option(formats=DAYS, help="Active on or after this day.")
    ] = None,
    todt: Annotated[
        datetime | None, typer.Option(formats=DAYS, help="Active on or before this day.")
    ] = None,
    publishedonly: Annotated[
        str | None, typer.Option(help="yes or no: by the date of publication.")
    ] = None,
    storeid: Annotated[
        list[str] | None, typer.Option(help="Of this store; may be given several times.")
    ] = None,
    store_group: Annotated[str | None, typer.Option(help="Of this group of stores.")] = None,
    channel: Annotated[str | None, typer.Option(help="Of this channel.")] = None,
    digital_property_code: Annotated[
        str | None, typer.Option(help="Of this digital property.")
    ] = None,
    geo_radius: Annotated[
        float | None, typer.Option(help="Of stores within so many miles of the position.")
    ] = None,
    latitude: Annotated[float | None, typer.Option(help="The consumer's position.")] = None,
    longitude: Annotated[float | None, typer.Option(help="The consumer's position.")] = None,
    geo_gating: Annotated[bool, typer.Option(help="Only offers that are geogated.")] = False,
    display_store: Annotated[str | None, typer.Option(help="Describe this store too.")] = None,
) -> Answer:
    """Show the offers that a consumer can use at Koupon."""
    if publishedonly not in YES_NO:
        raise typer.BadParameter("publishedonly is yes or no")
    try:
        wanted = OfferFilter(
            fromdt=fromdt.date() if fromdt else None,
            todt=todt.date() if todt else None,
            publishedonly=YES_NO[publishedonly],
            storeid=tuple(storeid or ()),
            store_group=store_group,
            channel=channel,
            digital_property_code=digital_property_code,
            geo_radius=geo_radius,
            latitude=latitude,
            longitude=longitude,
            geo_gating=geo_gating,
            display_store=display_store,
        )
        listed = stage.open().providers.offers(account=account, consumer=consumer, wanted=wanted)
    except InputRejected as wrong:
        raise Failed(f"Koupon cannot be asked this: {wrong}", kind="invalid_input") from None
    rows = [_row(one) for one in listed.offers]
    held = [f"{count(listed.withheld, 'offer')} for adults withheld."] if listed.withheld else []
    shown = [table_of(rows)] if rows else ["Koupon lists no such offers."]
    return Answer(data={"offers": rows, "withheld": listed.withheld}, shown=[*shown, *held])


def _row(one: Offer) -> dict[str, object]:
    return {
        "offer_id": one.offer_id,
        "title": one.texts.title or one.texts.name,
        "style": one.style.value,
        "visibility": one.visibility.value if one.visibility else None,
        "active": one.is_active,
        "client_id": one.client_id,
        "channel": one.channel,
        "starts": _when(one.window.starts),
        "ends": _when(one.window.ends),
        "redeemed": one.redemptions.count,
        "limit": one.redemptions.limit,
        "image": web_address(one.assets.primary_image),
    }


def _when(when: When | None) -> str | None:
    """Return the moment in UTC, or the provider's words where they cannot be understood."""
    if when is None:
        return None
    return when.raw if when.at is None else when.at.isoformat()
