"""AWS settings of the caller's shell: session, region and endpoint URL."""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import typer

from couponbus.providers.http.base_url import is_loopback
from couponbus_cli.app.failing import UNREACHABLE, Failed

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

ENDPOINTS = "AWS_ENDPOINT_URL"
OF_MAKE_UP = "AWS_CA_BUNDLE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def caller_session(environment: Mapping[str, str]) -> "boto3.Session":
    """Return the session of this shell's profile, credentials and region.

    boto3 by itself reads AWS_DEFAULT_REGION only. As in the AWS CLI and the other SDKs,
    AWS_REGION takes precedence over it, and both over the region of a profile.
    """
    import boto3  # noqa: PLC0415 - not for a help or a mistyped option

    region, default = (environment.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION"))
    if region and default and region != default:
        typer.echo(
            f"AWS_REGION is {region}, AWS_DEFAULT_REGION {default}: using {region}", err=True
        )
    return boto3.Session(region_name=region or default or None)


def refuse_loopback(client: "BaseClient", *, stage: str, environment: Mapping[str, str]) -> None:
    """Raise Failed when the client of a deployed stage would call an engine on this machine."""
    url = client.meta.endpoint_url
    if not is_loopback(urlsplit(url).hostname or ""):
        return
    named = [name for name in environment if name.startswith(ENDPOINTS)]
    places = ", ".join(sorted(named)) or "endpoint_url of the AWS profile"
    raise Failed(
        f"{url} is this machine, and the stage {stage} is deployed to AWS: unset {places} (and"
        f" {OF_MAKE_UP}, if `make up` named them), or choose --stage local",
        kind="unreachable",
        code=UNREACHABLE,
    )
