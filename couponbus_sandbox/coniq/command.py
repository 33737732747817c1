"""The options of `python -m couponbus_sandbox coniq`."""

from argparse import ArgumentParser, Namespace
from functools import partial

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
from couponbus_sandbox.simulator.options import add_option, given, named

SUMMARY = "Coniq: barcodes, customers and sign-up forms"


def add_options(parser: ArgumentParser) -> None:
    """Declare the options; more settings can be changed at POST /_sandbox/settings."""
    setting = partial(add_option, parser, of=ConiqSettings())
    setting("seed", "makes barcode numbers repeatable")
    parser.add_argument(
        "--api-key",
        action="append",
        metavar="[NAME=]KEY",
        help="an account and its key, repeatable; the account main with test-key-not-real if none",
    )
    parser.add_argument(
        "--offer",
        action="append",
        metavar="ID[:DAYS]",
        help="a plain offer and its validity in days, repeatable; beside the built-in ones",
    )
    parser.add_argument(
        "--issuing-form",
        action="append",
        metavar="HASH:OFFER_ID",
        help="a sign-up form of seven characters that issues a barcode itself, repeatable",
    )
    parser.add_argument(
        "--closed-world",
        dest="open_world",
        action="store_false",
        help="only added customers and offers exist",
    )
    setting("batch_mode", "whether one bad item fails its whole batch")
    setting("batch_answer", "shape of a batch answer")
    envelope = "key that holds the items of a batch; a bare array if not given"
    setting("batch_request_envelope", envelope, metavar="KEY")
    setting("duplicates", "the answer to a second POST for the same customer and offer")
    for name, what in (("customer", "customer who signed up"), ("barcode", "new barcode")):
        text = f"until lookups find a {what}"
        setting(f"{name}_delay_seconds", text, flag=f"--{name}-delay", metavar="SECONDS")


def build(options: Namespace) -> ASGIApp:
    """Return the application for parsed options; raises ValueError for a malformed one."""
    keys = [named(text, number=number) for number, text in enumerate(options.api_key or (), 1)]
    accounts = tuple(ApiAccount(name=name, api_key=key) for name, key in keys)
    settings = given(
        ConiqSettings,
        options,
        accounts=accounts or DEFAULT_ACCOUNTS,
        offers=DEFAULT_OFFERS + tuple(_offer(text) for text in options.offer or ()),
        forms=DEFAULT_FORMS + tuple(_form(text) for text in options.issuing_form or ()),
    )
    return coniq_app(ConiqSimulator(settings=settings))


def _offer(text: str) -> Offer:
    offer_id, colon, days = text.partition(":")
    return Offer(offer_id=int(offer_id), validity_days=int(days) if colon else None)


def _form(text: str) -> SignupForm:
    form_hash, _, offer_id = text.partition(":")
    return SignupForm(form_hash=form_hash, offer_id=int(offer_id), issues_barcode=True)
