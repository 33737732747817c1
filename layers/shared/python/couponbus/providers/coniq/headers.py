"""The headers of each request to Coniq (docs/providers.md#coniq-access)."""

import re
from collections.abc import Mapping

from couponbus.domain.errors import SecretUnavailable

API_VERSION = "2.0"
_KEY = re.compile(r"[!#-~]{1,512}")


def headers_for(api_key: str) -> Mapping[str, str]:
    """Return the headers; raises SecretUnavailable for a key that no header can carry."""
    if not _KEY.fullmatch(api_key):
        raise SecretUnavailable("the secret is not an API key", code="unusable")
    return {
        "Authorization": f'ApiKey key="{api_key}"',
        "x-api-version": API_VERSION,
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "couponbus",
    }
