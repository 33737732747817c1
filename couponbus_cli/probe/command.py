"""`couponbus probe`: which assumptions about a provider hold."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

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
from couponbus_cli.probe.call_limiter import CallLimiter
from couponbus_cli.probe.caller import Caller
from couponbus_cli.probe.coniq import BASE_URL as CONIQ
from couponbus_cli.probe.coniq import probe_coniq
from couponbus_cli.probe.coniq_calls import Sample
from couponbus_cli.probe.coniq_issuing import IssueRequests
from couponbus_cli.probe.findings import Finding
from couponbus_cli.probe.hosts import check_may_write, check_pace, checked_url, misused
from couponbus_cli.probe.koupon import BASE_URL as KOUPON
from couponbus_cli.probe.koupon import DEFAULTS, probe_koupon
from couponbus_cli.probe.report import reported
from couponbus_cli.probe.samples import koupon_sample, uniqodo_sample
from couponbus_cli.probe.secret import Source
from couponbus_cli.probe.uniqodo import probe_uniqodo

type Work = Callable[[Caller], list[Finding]]

BODY_MAX_BYTES = 1024 * 1024
probe = typer.Typer(
    help=(
        "Make read-only calls to a provider, at most 20, one a second, and report which assumptions"
        " hold.\n\nCredentials come from environment variables (each command names its own), a"
        " file or Secrets Manager.\n\nExit codes: 0 nothing differs; 1 something differs; 2 usage"
        " error, or no credentials; 3 the provider cannot be reached, or answered 429 or 503."
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
UrlOption = Annotated[str, typer.Option("--base-url", help="The URL of the provider.")]


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
    base_url: UrlOption = CONIQ,
    secret_file: FileOption = None,
    secret_id: SecretOption = None,
    pace: PaceOption = 1.0,
) -> Answer:
    """Probe Coniq; the key is in COUPONBUS_CONIQ_API_KEY."""
    url = checked_url(base_url, example=CONIQ)
    if write:
        check_may_write(url)
    sample = Sample(
        customer_id=customer_id, offer_id=offer_id, email=email, tracking_code=tracking_code
    )
    key = _source(secret_file, secret_id).api_key(variable="COUPONBUS_CONIQ_API_KEY")
    requests = (
        IssueRequests(sample=sample, channel=channel, run=RandomIds().new()) if write else None
    )
    return _probed(
        "coniq",
        lambda caller: probe_coniq(
            caller, base_url=url, api_key=key, sample=sample, requests=requests
        ),
        url=url,
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
    base_url: UrlOption = KOUPON,
    secret_file: FileOption = None,
    secret_id: SecretOption = None,
    pace: PaceOption = 1.0,
) -> Answer:
    """Probe Koupon; credentials are in COUPONBUS_KOUPON_IDENTIFIER and COUPONBUS_KOUPON_SECRET."""
    url = checked_url(base_url, example=KOUPON)
    sample = koupon_sample(consumer, offer=offer, store=store, timezone=timezone)
    credentials = _source(secret_file, secret_id).credentials(
        variables=("COUPONBUS_KOUPON_IDENTIFIER", "COUPONBUS_KOUPON_SECRET")
    )
    return _probed(
        "koupon",
        lambda caller: probe_koupon(caller, base_url=url, credentials=credentials, sample=sample),
        url=url,
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
    base_url: UrlOption = UNIQODO,
    secret_file: FileOption = None,
    secret_id: SecretOption = None,
    pace: PaceOption = 1.0,
) -> Answer:
    """Probe Uniqodo; the key is in COUPONBUS_UNIQODO_API_KEY."""
    url = checked_url(base_url, example=UNIQODO)
    sample = uniqodo_sample(promotion, users=user, zone=zone)
    key = _source(secret_file, secret_id).api_key(variable="COUPONBUS_UNIQODO_API_KEY")
    return _probed(
        "uniqodo",
        lambda caller: probe_uniqodo(caller, base_url=url, api_key=key, sample=sample),
        url=url,
        pace=pace,
    )


def _source(secret_file: Path | None, secret_id: str | None) -> Source:
    return Source(file=secret_file, secret_id=secret_id, environment=os.environ, store=_Store())


class _Store:
    """Secrets Manager, contacted only when a secret is read."""

    def get(self, secret_id: str) -> str:
        # boto3, which a probe with its key in the environment does without.
        from couponbus.aws.clients import configuration  # noqa: PLC0415

        session = caller_session(os.environ)
        client = session.client("secretsmanager", config=configuration())
        return Secrets(client=client, clock=SystemClock()).get(secret_id)


def _probed(provider: str, work: Work, *, url: str, pace: float) -> Answer:
    check_pace(url, calls_per_second=pace)
    limiter = CallLimiter(clock=SystemClock(), calls_per_second=pace)
    transport = Transport(clock=limiter, trust=trust_public_authorities(), body_max=BODY_MAX_BYTES)
    caller = Caller(transport=transport, limiter=limiter)
    try:
        findings = work(caller)
    except SecretUnavailable as wrong:  # a key that cannot be sent at all
        raise misused(str(wrong)) from None
    finally:
        transport.close()
    return reported(provider, findings, calls=limiter.taken, cut_short=caller.cut_short)
