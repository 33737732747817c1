"""The options of `python -m couponbus_sandbox koupon`."""

from argparse import ArgumentParser, Namespace
from functools import partial

from starlette.types import ASGIApp

from couponbus_sandbox.koupon import koupon_app
from couponbus_sandbox.koupon.settings import DEFAULT_ACCOUNTS, Access, KouponSettings
from couponbus_sandbox.koupon.simulator import KouponSimulator
from couponbus_sandbox.simulator.options import add_option, given

SUMMARY = "Koupon Media: offers of a consumer, signed URLs, redemptions"


def add_options(parser: ArgumentParser) -> None:
    """Declare the options; more settings can be changed at POST /_sandbox/settings."""
    setting = partial(add_option, parser, of=KouponSettings())
    parser.add_argument(
        "--access",
        action="append",
        metavar="[NAME=]IDENTIFIER:SECRET",
        help="an account that may call, repeatable; main=test-identifier:test-secret if none",
    )
    base = "the base URL that callers sign; http:// and the Host header if not given"
    setting("public_base_url", base, metavar="URL")
    setting(
        "signature_ttl_seconds",
        "how old a signature may be",
        flag="--signature-ttl",
        metavar="SECONDS",
    )
    parser.add_argument(
        "--strict",
        dest="after_signature",
        action="store_const",
        const="refuse",
        default="honour",
        help="refuse parameters after authSignature",
    )
    setting("timezone", "of dates in answers", metavar="ZONE")
    parser.add_argument(
        "--closed-world",
        dest="open_world",
        action="store_false",
        help="only added consumers exist",
    )


def build(options: Namespace) -> ASGIApp:
    """Return the application for parsed options; raises ValueError for a malformed one."""
    texts = options.access or ()
    accounts = tuple(_access(text, number=number) for number, text in enumerate(texts, start=1))
    settings = given(KouponSettings, options, accounts=accounts or DEFAULT_ACCOUNTS)
    return koupon_app(KouponSimulator(settings=settings))


def _access(text: str, *, number: int) -> Access:
    named, colon, secret = text.partition(":")
    name, equals, identifier = named.rpartition("=")
    if not colon:
        raise ValueError("--access needs IDENTIFIER:SECRET")
    return Access(
        name=name if equals else f"account-{number}", identifier=identifier, secret=secret
    )
