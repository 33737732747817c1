"""The options of `python -m couponbus_sandbox coniq`."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from starlette.types import ASGIApp

from couponbus_sandbox.coniq import coniq_app
from couponbus_sandbox.coniq.settings import (
    DEFAULT_ACCOUNTS,
    DEFAULT_FORMS,
    DEFAULT_OFFERS,
    ApiAccount,
    ConiqSettings,
    Offer,
    SignupForm,
)
from couponbus_sandbox.coniq.simulator import ConiqSimulator

type Build = Callable[[Namespace], ASGIApp]

SUMMARY = "Coniq: barcodes, customers and sign-up forms"


def add_options(parser: ArgumentParser) -> None:
    """Declare the options; more settings can be changed at POST /_sandbox/settings."""
    default = ConiqSettings()
    add = parser.add_argument
    add(
        "--seed",
        type=int,
        default=default.seed,
        help="makes barcode numbers repeatable (default: %(default)s)",
    )
    add(
        "--api-key",
        action="append",
        metavar="[NAME=]KEY",
        help="an account and its key, repeatable; the account main with test-key-not-real if none",
    )
    add(
        "--offer",
        action="append",
        metavar="ID[:DAYS]",
        help="a plain offer, valid for so many days, repeatable; beside the built-in ones",
    )
    add(
        "--issuing-form",
        action="append",
        metavar="HASH:OFFER_ID",
        help="a sign-up form of seven characters that issues a barcode itself, repeatable",
    )
    add("--closed-world", action="store_true", help="only added customers and offers exist")
    add(
        "--batch-mode",
        choices=["atomic", "partial"],
        default=default.batch_mode,
        help="whether a bad item spoils its whole batch (default: %(default)s)",
    )
    add(
        "--batch-answer",
        choices=["array", "barcodes_errors", "data_errors", "successes_failures"],
        default=default.batch_answer,
        help="shape of a batch answer (default: %(default)s)",
    )
    add(
        "--batch-request-envelope",
        metavar="KEY",
        help="key that holds the items of a batch; a bare array if not given",
    )
    add(
        "--duplicates",
        choices=["new", "reuse"],
        default=default.duplicates,
        help="what a second POST for customer and offer gets (default: %(default)s)",
    )
    for name, what in (("customer", "customer who signed up"), ("barcode", "new barcode")):
        add(
            f"--{name}-delay",
            type=float,
            default=0.0,
            metavar="SECONDS",
            help=f"until lookups find a {what} (default: %(default)s)",
        )


def build(options: Namespace) -> ASGIApp:
    """Return the application for parsed options; raises ValueError for a malformed one."""
    named_offers = tuple(_offer(text) for text in options.offer or ())
    settings = ConiqSettings(
        seed=options.seed,
        accounts=_accounts(options.api_key or ()),
        offers=DEFAULT_OFFERS + named_offers,
        forms=DEFAULT_FORMS + tuple(_form(text) for text in options.issuing_form or ()),
        open_world=not options.closed_world,
        batch_mode=options.batch_mode,
        batch_answer=options.batch_answer,
        batch_request_envelope=options.batch_request_envelope,
        duplicates=options.duplicates,
        customer_delay_seconds=options.customer_delay,
        barcode_delay_seconds=options.barcode_delay,
    )
    return coniq_app(ConiqSimulator(settings=settings))


def _accounts(texts: list[str] | tuple[()]) -> tuple[ApiAccount, ...]:
    if not texts:
        return DEFAULT_ACCOUNTS
    return tuple(_account(text, number=number) for number, text in enumerate(texts, start=1))


def _account(text: str, *, number: int) -> ApiAccount:
    name, equals, key = text.partition("=")
    if not equals:
        return ApiAccount(name=f"account-{number}", api_key=text)
    return ApiAccount(name=name, api_key=key)


def _offer(text: str) -> Offer:
    offer_id, colon, days = text.partition(":")
    return Offer(offer_id=int(offer_id), validity_days=int(days) if colon else None)


def _form(text: str) -> SignupForm:
    form_hash, _, offer_id = text.partition(":")
    return SignupForm(form_hash=form_hash, offer_id=int(offer_id), issues_barcode=True)
