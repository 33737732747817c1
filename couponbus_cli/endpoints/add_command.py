"""`couponbus endpoints add`: subscribe a URL to webhooks, and show its signing secret."""

import secrets
from functools import partial
from typing import Annotated

import typer

from couponbus.domain.errors import InputRejected, LedgerUnavailable, TransitionRefused
from couponbus.domain.webhooks.endpoint import (
    EVERYTHING,
    Endpoint,
    EndpointState,
    Scope,
    endpoint_key,
)
from couponbus.domain.webhooks.signature import secret_of
from couponbus.usecases.webhooks.manage_endpoints import RATES, EndpointSpec, require_valid
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, on_stage
from couponbus_cli.app.failing import UNREACHABLE, Failed, failure_of
from couponbus_cli.app.world import World
from couponbus_cli.endpoints.fields import checked_url, free_id, pattern_of
from couponbus_cli.endpoints.parts import managing
from couponbus_cli.endpoints.recent_events import recent_of, recent_text
from couponbus_cli.endpoints.rows import data_of, events_of, shown_url
from couponbus_cli.endpoints.signing_lists import with_first, without_one

KEY_BYTES = 32

EndpointTenant = Annotated[str, typer.Option("--tenant", help="The tenant of the endpoints.")]


@on_stage
def add(
    stage: ChosenStage,
    *,
    url: Annotated[str, typer.Argument(help="The subscriber's URL; https, and public.")],
    endpoint_id: Annotated[
        str | None, typer.Option("--id", help="Its id; made of the host if none is given.")
    ] = None,
    description: Annotated[str, typer.Option(help="For operators. No personal data.")] = "",
    events: Annotated[
        str,
        typer.Option(
            metavar="PATTERN|@FILE|NAME,...",
            help="Which events: an EventBridge pattern as JSON, or names; all, unless given.",
        ),
    ] = EVERYTHING,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may read beyond the events.")
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(min=RATES[0], max=RATES[-1], help="At most this many webhooks per second."),
    ] = None,
    tenant: EndpointTenant = "default",
) -> Answer:
    """Add an endpoint, and show its signing secret, only once."""
    address = checked_url(url.strip(), stage=stage.name)
    pattern = pattern_of(events)
    world = stage.open()
    spec = EndpointSpec(
        endpoint_id=endpoint_id or free_id(address, world=world),
        tenant=tenant,
        url=address,
        description=description,
        pattern=pattern,
        scopes=tuple(each.value for each in dict.fromkeys(scope or ())),
        rate=rate,
    )
    secret = secret_of(secrets.token_bytes(KEY_BYTES))
    endpoint = added(spec, secret=secret, world=world)
    return _answer_of(endpoint, secret=secret, recent=recent_of(endpoint, world=world))


def added(spec: EndpointSpec, *, secret: str, world: World) -> Endpoint:
    """Store the secret before the endpoint, so that none lacks a secret. Raises Failed."""
    try:
        require_valid(spec)
    except InputRejected as rejected:
        text = f"--{', --'.join(rejected.fields)}: {rejected.reason}"
        raise Failed(text, kind="invalid_input") from None
    _require_new(spec, world=world)
    one = partial(with_first, endpoint_id=spec.endpoint_id, secret=secret)
    world.signing.change(one)
    try:
        return managing(world).add(spec)
    except TransitionRefused as refused:
        # Another operator was faster: the endpoint is theirs, with their secret alone.
        again = partial(without_one, endpoint_id=spec.endpoint_id, secret=secret)
        world.signing.change(again)
        raise Failed(f"{refused}: nothing was added", kind="not_allowed") from None
    except LedgerUnavailable as error:
        name = spec.endpoint_id
        text = (
            f"{failure_of(error)}; it is not known whether {name} was added: see `couponbus"
            f" endpoints list`. If it is there, `couponbus endpoints rotate {name}` shows a secret;"
            " if not, add it again: the secret that was stored for it is harmless"
        )
        raise Failed(text, kind="unreachable", code=UNREACHABLE) from None


def _require_new(spec: EndpointSpec, *, world: World) -> None:
    row = world.rows.read([endpoint_key(spec.endpoint_id)]).get(endpoint_key(spec.endpoint_id))
    if isinstance(row, Endpoint) and row.state is not EndpointState.REMOVED:
        text = f"there is an endpoint {spec.endpoint_id} already: choose another --id"
        raise Failed(text, kind="not_allowed")


def _answer_of(endpoint: Endpoint, *, secret: str, recent: dict[str, int] | None) -> Answer:
    wanted = "everything" if endpoint.pattern == EVERYTHING else events_of(endpoint)
    shown = [
        f"{endpoint.endpoint_id} is added: {shown_url(endpoint.url)} gets {wanted}.",
        recent_text(recent),
        f"Its secret, shown only once: {secret}",
        "The receiver verifies each webhook with it: events/README.md shows how. To see webhooks,"
        " put it into COUPONBUS_WEBHOOK_SECRET and run `couponbus listen` behind the URL.",
        f"Send a test event: couponbus endpoints test {endpoint.endpoint_id}",
    ]
    if endpoint.may_read(Scope.BARCODE_READ):
        shown.append(
            "It receives full barcode numbers, and a number is enough to redeem the barcode."
        )
    if endpoint.may_read(Scope.CUSTOM_PARAMS_READ):
        shown.append("It receives what shops attach to redemptions, and that may name a person.")
    return Answer(data={**data_of(endpoint), "secret": secret, "recent": recent}, shown=shown)
