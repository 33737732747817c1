"""The URL of a request, which holds the key, a secret (docs/providers.md#uniqodo-request)."""

import re
from urllib.parse import quote

from couponbus.domain.errors import InputRejected, SecretUnavailable
from couponbus.providers.uniqodo.account import UniqodoAccount

USER_ID_MAX = 320
_PROMOTION = re.compile(r"[0-9a-f]{32}")
_KEY = re.compile(r"[!-~]{1,512}")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def route_of(account: UniqodoAccount) -> str:
    """Return a template of the URL that may be shown and logged."""
    return f"GET /{account.prefix}/{{key}}/query/user-redemption/{{promotion}}"


def check_parameters(*, promotion: str, user_id: str) -> None:
    """Raise InputRejected, without the value, for parameters that cannot be sent to Uniqodo."""
    if not _PROMOTION.fullmatch(promotion):
        raise InputRejected("not_32_hex_digits", fields=["promotion"])
    if not 0 < len(user_id) <= USER_ID_MAX or _NO_TEXT.search(user_id) or not user_id.strip():
        raise InputRejected("not_a_user_id", fields=["user_id"])


def address_of(account: UniqodoAccount, *, key: str, promotion: str, user_id: str) -> str:
    """Return the URL, with every reserved character of its parts percent-encoded.

    The user id is sent as it was stored, in its own case. Raises SecretUnavailable for a key
    that a path cannot carry.
    """
    if not _KEY.fullmatch(key) or not key.strip("."):
        raise SecretUnavailable("the secret is not an API key", code="unusable")
    base = f"{account.base_url.strip().rstrip('/')}/{account.prefix}"
    path = f"{_encoded(key)}/query/user-redemption/{promotion}"
    return f"{base}/{path}?userId={_encoded(user_id)}"


def _encoded(text: str) -> str:
    return quote(text, safe="")
