"""The options of `python -m couponbus_sandbox koupon`."""

from argparse import ArgumentParser, Namespace

from starlette.types import ASGIApp

from couponbus_sandbox.koupon import koupon_app
from couponbus_sandbox.koupon.settings import DEFAULT_ACCOUNTS, Access, KouponSettings
from couponbus_sandbox.koupon.simulator import KouponSimulator

SUMMARY = "Koupon Media: offers of a consumer, signed URLs, redemptions"


def add_options(parser: ArgumentParser) -> None:
    """Declare the options; more settings can be changed at POST /_sandbox/settings."""
    default = KouponSettings()
    add = parser.add_argument
    add(
        "--access",
        action="append",
        metavar="[NAME=]IDENTIFIER:SECRET",
        help="who may call, repeatable; main=test-identifier:test-secret if none",
    )
    add(
        "--public-base-url",
        metavar="URL",
        help="what callers sign before the path; http:// and the Host header if not given",
    )
    add(
        "--signature-ttl",
        type=float,
        default=default.signature_ttl_seconds,
        metavar="SECONDS",
        help="how old a signature may be (default: %(default)s)",
    )
    add("--strict", action="store_true", help="refuse parameters after authSignature")
    add(
        "--timezone",
        default=default.timezone,
        metavar="ZONE",
        help="of dates in answers (default: %(default)s)",
    )
    add("--closed-world", action="store_true", help="only added consumers exist")


def build(options: Namespace) -> ASGIApp:
    """Return the application for parsed options; raises ValueError for a malformed one."""
    texts = options.access or ()
    accounts = tuple(_access(text, number=number) for number, text in enumerate(texts, start=1))
    settings = KouponSettings(
        accounts=accounts or DEFAULT_ACCOUNTS,
        public_base_url=options.public_base_url,
        signature_ttl_seconds=options.signature_ttl,
        after_signature="refuse" if options.strict else "honour",
        timezone=options.timezone,
        open_world=not options.closed_world,
    )
    return koupon_app(KouponSimulator(settings=settings))


def _access(text: str, *, number: int) -> Access:
    named, colon, secret = text.partition(":")
    name, equals, identifier = named.rpartition("=")
    if not colon:
        raise ValueError("--access needs IDENTIFIER:SECRET")
    return Access(
        name=name if equals else f"account-{number}", identifier=identifier, secret=secret
    )
