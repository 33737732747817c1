"""The options of `python -m couponbus_sandbox uniqodo`."""

from argparse import ArgumentParser, Namespace

from starlette.types import ASGIApp

from couponbus_sandbox.uniqodo import uniqodo_app
from couponbus_sandbox.uniqodo.promotions import DEFAULT_PROMOTIONS, Promotion
from couponbus_sandbox.uniqodo.settings import DEFAULT_KEYS, UniqodoKey, UniqodoSettings
from couponbus_sandbox.uniqodo.simulator import UniqodoSimulator

SUMMARY = "Uniqodo: promotions, codes and redemptions"


def add_options(parser: ArgumentParser) -> None:
    """Declare the options; more settings can be changed at POST /_sandbox/settings."""
    default = UniqodoSettings()
    add = parser.add_argument
    add(
        "--seed",
        type=int,
        default=default.seed,
        help="makes codes repeatable (default: %(default)s)",
    )
    add(
        "--api-key",
        action="append",
        metavar="[NAME=]KEY",
        help="an account and its key, repeatable; the account main with test-key-not-real if none",
    )
    add(
        "--promotion",
        action="append",
        metavar="ID:OFFER_ID[:USES]",
        help="a promotion (32 hex digits) whose codes can be used so often (1), repeatable",
    )
    add(
        "--body",
        choices=["redemption", "totals"],
        default=default.body,
        help="which of the two known bodies a query is answered with (default: %(default)s)",
    )
    add(
        "--result-on-success",
        choices=["present", "absent"],
        default=default.result_on_success,
        help="whether a success says so (default: %(default)s)",
    )
    add(
        "--auth-status",
        type=int,
        choices=[200, 401, 403, 404],
        default=default.auth_status,
        help="status for a wrong key (default: %(default)s)",
    )
    add("--callback-url", metavar="URL", help="where redemptions are told, on this machine")
    add("--callback-ca", metavar="FILE", help="the certificate that an https callback must meet")
    add(
        "--callback-method",
        choices=["GET", "POST"],
        default=default.callback_method,
        help="how they are told (default: %(default)s)",
    )


def build(options: Namespace) -> ASGIApp:
    """Return the application for parsed options; raises ValueError for a malformed one."""
    named = tuple(_promotion(text) for text in options.promotion or ())
    settings = UniqodoSettings(
        seed=options.seed,
        accounts=_accounts(options.api_key or []),
        promotions=DEFAULT_PROMOTIONS + named,
        body=options.body,
        result_on_success=options.result_on_success,
        auth_status=options.auth_status,
        callback_url=options.callback_url,
        callback_ca=options.callback_ca,
        callback_method=options.callback_method,
    )
    return uniqodo_app(UniqodoSimulator(settings=settings))


def _accounts(texts: list[str]) -> tuple[UniqodoKey, ...]:
    if not texts:
        return DEFAULT_KEYS
    return tuple(_account(text, number=number) for number, text in enumerate(texts, start=1))


def _account(text: str, *, number: int) -> UniqodoKey:
    name, equals, key = text.partition("=")
    if not equals:
        return UniqodoKey(name=f"account-{number}", api_key=text)
    return UniqodoKey(name=name, api_key=key)


def _promotion(text: str) -> Promotion:
    parts = text.split(":")
    uses = int(parts[2]) if len(parts) > 2 else 1  # noqa: PLR2004 - the uses may be left out
    offer_id = int(parts[1]) if len(parts) > 1 else 0
    return Promotion(promotion_id=parts[0], offer_id=offer_id, redemption_per_code=uses)
