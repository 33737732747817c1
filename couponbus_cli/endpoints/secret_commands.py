"""`couponbus endpoints rotate|remove`: rotate the signing secret of an endpoint, or remove it."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from couponbus.aws.webhooks.signing_keys import SigningSecret
from couponbus.domain.errors import LedgerUnavailable, TransitionRefused
from couponbus.domain.webhooks.signature import secret_of
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.command import ChosenStage, YesOption, on_stage
from couponbus_cli.app.confirming import always_yes, ask_operator, require
from couponbus_cli.app.failing import failure_of
from couponbus_cli.app.formatting import count, duration, when
from couponbus_cli.app.spans import span_of
from couponbus_cli.app.world import World
from couponbus_cli.endpoints.add_command import KEY_BYTES
from couponbus_cli.endpoints.commands import EndpointArgument
from couponbus_cli.endpoints.parts import endpoint_of, managing
from couponbus_cli.endpoints.rows import data_of, shown_url
from couponbus_cli.endpoints.signing_lists import rotated, without

OVERLAP_MAX = timedelta(days=30)


@on_stage
def rotate(
    stage: ChosenStage,
    *,
    endpoint_id: EndpointArgument,
    overlap: Annotated[
        str,
        typer.Option(help="How long the old secrets stay valid: 24h, 7d; 0h ends them at once."),
    ] = "24h",
) -> Answer:
    """Make a new signing secret, and show it, only once; the old ones stay valid for a while."""
    span = span_of(overlap, option="--overlap")
    if span > OVERLAP_MAX:
        raise typer.BadParameter(f"--overlap: at most {duration(OVERLAP_MAX)}")

    world = stage.open()
    endpoint_of(endpoint_id, world=world)
    now, secret = world.clock.now(), secret_of(secrets.token_bytes(KEY_BYTES))
    after = world.signing.change(
        partial(rotated, endpoint_id=endpoint_id, secret=secret, now=now, ends=now + span)
    )
    first, *others = after[endpoint_id]
    data = {
        "endpoint_id": endpoint_id,
        "secret": first.secret,
        "others_until": [one.until and one.until.isoformat() for one in others],
    }
    shown = [
        f"{endpoint_id} has a new secret, shown only once: {first.secret}",
        _others(others, now),
        *_noted(endpoint_id, world),
    ]
    return Answer(data=data, shown=shown)


@on_stage
def remove(
    stage: ChosenStage,
    *,
    endpoint_id: EndpointArgument,
    yes: YesOption = False,
) -> Answer:
    """Remove an endpoint, and delete its URL and its secrets."""
    world = stage.open()
    if endpoint_id in world.signing.read() and not _is_there(endpoint_id, world):
        # It was removed, but its secrets were not: an earlier removal was interrupted.
        world.signing.change(partial(without, endpoint_id=endpoint_id))
        text = f"{endpoint_id} was removed before; now its secrets are gone too."
        return Answer(data={"removed": endpoint_id}, shown=[text])
    before = endpoint_of(endpoint_id, world=world)
    question = (
        f"remove {endpoint_id} ({shown_url(before.url)})? Its waiting webhooks are never sent"
    )
    require(always_yes if yes else ask_operator, question)
    managing(world).remove(endpoint_id)
    world.signing.change(partial(without, endpoint_id=endpoint_id))
    text = f"{endpoint_id} is removed, with its secrets."
    return Answer(data={"removed": endpoint_id, **data_of(before)}, shown=[text])


def _is_there(endpoint_id: str, world: World) -> bool:
    try:
        managing(world).found(endpoint_id)
    except TransitionRefused:
        return False
    return True


def _others(others: Sequence[SigningSecret], now: datetime) -> str:
    if not others:
        return (
            "No other secret is valid. Workers learn this within five minutes; a receiver that"
            " has only an old one refuses every webhook."
        )
    last = max(one.until or now for one in others)
    sign = count(len(others), "older secret signs", "older secrets sign")
    return f"{sign} every webhook as well, until {when(last, now)}: replace them by then."


def _noted(endpoint_id: str, world: World) -> list[str]:
    """Record it in the ledger; a failure must not hide the secret, which is shown only once."""
    try:
        managing(world).note_rotation(endpoint_id)
    except (LedgerUnavailable, TransitionRefused) as error:
        return [f"The rotation could not be recorded in the ledger: {failure_of(error)}."]
    return []
