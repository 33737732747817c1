"""The options of `python -m couponbus_sandbox uniqodo`."""

from argparse import ArgumentParser, Namespace
from functools import partial

from starlette.types import ASGIApp

from couponbus_sandbox.simulator.options import add_option, given, named
from couponbus_sandbox.uniqodo import uniqodo_app
from couponbus_sandbox.uniqodo.promotions import DEFAULT_PROMOTIONS, Promotion
from couponbus_sandbox.uniqodo.settings import DEFAULT_KEYS, UniqodoKey, UniqodoSettings
from couponbus_sandbox.uniqodo.simulator import UniqodoSimulator

SUMMARY = "Uniqodo: promotions, codes and redemptions"


def add_options(parser: ArgumentParser) -> None:
    """Declare the options; more settings can be changed at POST /_sandbox/settings."""
    setting = partial(add_option, parser, of=UniqodoSettings())
    setting("seed", "makes codes repeatable")
    parser.add_argument(
        "--api-key",
        action="append",
        metavar="[NAME=]KEY",
        help="an account and its key, repeatable; the account main with test-key-not-real if none",
    )
    parser.add_argument(
        "--promotion",
        action="append",
        metavar="ID:OFFER_ID[:USES]",
        help="a promotion (32 hex digits) and the uses of each of its codes (1), repeatable",
    )
    setting("body", "which of the two known bodies a query is answered with")
    setting("result_on_success", "whether a success has `result`")
    setting("auth_status", "status for a wrong key")
    setting("callback_url", "URL on this machine that is notified of redemptions", metavar="URL")
    setting("callback_ca", "the certificate that an https receiver must present", metavar="FILE")
    setting("callback_method", "HTTP method of the callbacks")


def build(options: Namespace) -> ASGIApp:
    """Return the application for parsed options; raises ValueError for a malformed one."""
    keys = [named(text, number=number) for number, text in enumerate(options.api_key or (), 1)]
    accounts = tuple(UniqodoKey(name=name, api_key=key) for name, key in keys)
    promotions = DEFAULT_PROMOTIONS + tuple(_promotion(text) for text in options.promotion or ())
    settings = given(
        UniqodoSettings, options, accounts=accounts or DEFAULT_KEYS, promotions=promotions
    )
    return uniqodo_app(UniqodoSimulator(settings=settings))


def _promotion(text: str) -> Promotion:
    parts = text.split(":")
    uses = int(parts[2]) if len(parts) > 2 else 1  # noqa: PLR2004 - the uses may be left out
    offer_id = int(parts[1]) if len(parts) > 1 else 0
    return Promotion(promotion_id=parts[0], offer_id=offer_id, redemption_per_code=uses)
