"""`couponbus probe`: which assumptions about a provider hold."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from couponbus.aws.clients import configuration
from couponbus.aws.clock import RandomIds, SystemClock
from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import SecretUnavailable
from couponbus.domain.issuing.barcode import Channel
from couponbus.providers.http.transport import Transport, trust_public_authorities
from couponbus.providers.uniqodo.account import BASE_URL as UNIQODO
from couponbus.providers.uniqodo.account import ZONE
from couponbus_cli.app.answer import Answer
from couponbus_cli.app.aws_settings import caller_session
from couponbus_cli.app.command import answering
from couponbus_cli.probe.caller import Caller
from couponbus_cli.probe.coniq import BASE_URL as CONIQ
from couponbus_cli.probe.coniq import probe_coniq
from couponbus_cli.probe.coniq_issuing import Wishes
from couponbus_cli.probe.coniq_questions import Sample
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.koupon import BASE_URL as KOUPON
from couponbus_cli.probe.koupon import DEFAULTS, probe_koupon
from couponbus_cli.probe.place import check_may_write, check_pace, checked_place, misused
from couponbus_cli.probe.report import reported
from couponbus_cli.probe.samples import koupon_sample, uniqodo_sample
from couponbus_cli.probe.secret import Source
from couponbus_cli.probe.turns import Turns
from couponbus_cli.probe.uniqodo import probe_uniqodo

type Work = Callable[[Caller], list[Finding]]

ENOUGH_BYTES = 1024 * 1024
probe = typer.Typer(
    help=(
        "Ask a provider harmless questions, at most 20, one a second, and report which assumptions"
        " hold.\n\nCredentials come from environment variables (each command names its own), a"
        " file or Secrets Manager.\n\nExit codes: 0 nothing differs; 1 something differs; 2 usage"
        " error, or no credentials; 3 the provider cannot be reached, or asked us to wait."
    ),
    no_args_is_help=True,
)
FileOption = Annotated[
    Path | None, typer.Option("--secret-file", help="A file with the credentials.")
]
SecretOption = Annotated[
    str | None, typer.Option("--secret-id", help="The id of a secret in Secrets Manager.")
]
PaceOption = Annotated[
    float, typer.Option("--pace", min=0.01, max=1000, help="Calls per second; 3 at most.")
]
PlaceOption = Annotated[str, typer.Option("--base-url", help="The URL of the provider.")]


@probe.command("coniq")
@answering
def coniq(  # noqa: PLR0913 - a shell names its options
    *,
    customer_id: Annotated[
        int, typer.Option(min=1, help="A customer, best with barcodes of several offers.")
    ],
    offer_id: Annotated[int, typer.Option(min=1, help="An offer that issues barcodes.")],
    email: Annotated[str | None, typer.Option(help="The customer's e-mail.")] = None,
    tracking_code: Annotated[str | None, typer.Option(help="That of an existing barcode.")] = None,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Also issue up to five barcodes to the customer; test systems only.",
        ),
    ] = False,
    channel: Annotated[Channel, typer.Option(help="That of issued barcodes.")] = Channel.PAPER,
    base_url: PlaceOption = CONIQ,
    secret_file: FileOption = None,
    secret_id: SecretOption = None,
    pace: PaceOption = 1.0,
) -> Answer:
    """Ask Coniq; the key is in COUPONBUS_CONIQ_API_KEY."""
    place = checked_place(base_url, example=CONIQ)
    if write:
        check_may_write(place)
    sample = Sample(
        customer_id=customer_id, offer_id=offer_id, email=email, tracking_code=tracking_code
    )
    key = _source(secret_file, secret_id).api_key(variable="COUPONBUS_CONIQ_API_KEY")
    wishes = Wishes(sample=sample, channel=channel, run=RandomIds().new()) if write else None
    return _asked(
        "coniq",
        lambda caller: probe_coniq(
            caller, base_url=place, api_key=key, sample=sample, wishes=wishes
        ),
        place=place,
        pace=pace,
    )


@probe.command("koupon")
@answering
def koupon(
    *,
    consumer: Annotated[str, typer.Option(help="The identity of a consumer with offers.")],
    offer: Annotated[str | None, typer.Option(help="One of the consumer's offers.")] = None,
    store: Annotated[str | None, typer.Option(help="A store where some offers are valid.")] = None,
    timezone: Annotated[
        str, typer.Option(help="The zone that dates are assumed to be in.")
    ] = DEFAULTS.timezone,
    base_url: PlaceOption = KOUPON,
    secret_file: FileOption = None,
    secret_id: SecretOption = None,
    pace: PaceOption = 1.0,
) -> Answer:
    """Ask Koupon; credentials are in COUPONBUS_KOUPON_IDENTIFIER and COUPONBUS_KOUPON_SECRET."""
    place = checked_place(base_url, example=KOUPON)
    sample = koupon_sample(consumer, offer=offer, store=store, timezone=timezone)
    credentials = _source(secret_file, secret_id).credentials(
        variables=("COUPONBUS_KOUPON_IDENTIFIER", "COUPONBUS_KOUPON_SECRET")
    )
    return _asked(
        "koupon",
        lambda caller: probe_koupon(caller, base_url=place, credentials=credentials, sample=sample),
        place=place,
        pace=pace,
    )


@probe.command("uniqodo")
@answering
def uniqodo(
    *,
    promotion: Annotated[str, typer.Option(help="The id of a promotion: 32 hex digits.")],
    user: Annotated[
        list[str],
        typer.Option(help="A user who redeemed; up to five, best also one who has not redeemed."),
    ],
    zone: Annotated[str, typer.Option(help="The zone that times are assumed to be in.")] = ZONE,
    base_url: PlaceOption = UNIQODO,
    secret_file: FileOption = None,
    secret_id: SecretOption = None,
    pace: PaceOption = 1.0,
) -> Answer:
    """Ask Uniqodo; the key is in COUPONBUS_UNIQODO_API_KEY."""
    place = checked_place(base_url, example=UNIQODO)
    sample = uniqodo_sample(promotion, users=user, zone=zone)
    key = _source(secret_file, secret_id).api_key(variable="COUPONBUS_UNIQODO_API_KEY")
    return _asked(
        "uniqodo",
        lambda caller: probe_uniqodo(caller, base_url=place, api_key=key, sample=sample),
        place=place,
        pace=pace,
    )


def _source(secret_file: Path | None, secret_id: str | None) -> Source:
    return Source(file=secret_file, secret_id=secret_id, environment=os.environ, store=_Store())


class _Store:
    """Secrets Manager, contacted only when a secret is read."""

    def get(self, secret_id: str) -> str:
        session = caller_session(os.environ)
        client = session.client("secretsmanager", config=configuration())
        return Secrets(client=client, clock=SystemClock()).get(secret_id)


def _asked(provider: str, work: Work, *, place: str, pace: float) -> Answer:
    check_pace(place, calls_per_second=pace)
    turns = Turns(clock=SystemClock(), calls_per_second=pace)
    transport = Transport(clock=turns, trust=trust_public_authorities(), body_max=ENOUGH_BYTES)
    caller = Caller(transport=transport, turns=turns)
    try:
        findings = work(caller)
    except SecretUnavailable as wrong:  # a key that cannot be sent at all
        raise misused(str(wrong)) from None
    finally:
        transport.close()
    return reported(provider, findings, calls=turns.taken, cut_short=caller.cut_short)
