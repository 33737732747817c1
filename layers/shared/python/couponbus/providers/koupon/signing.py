"""Signed URLs: an HMAC-SHA1 of the URL before it (docs/providers.md#koupon-signatures)."""

import hashlib
import hmac
from urllib.parse import quote

_UNRESERVED = "-._~"


def sign_url(url: str, *, identifier: str, secret: str, timestamp: int) -> str:
    """Return the URL with identifier, timestamp in epoch seconds and, last, its signature.

    The server verifies the URL as it arrives, scheme and order included. Raises ValueError for
    a URL with a fragment, which would never arrive.
    """
    if "#" in url:
        raise ValueError("a fragment does not travel")
    joint = "&" if "?" in url else "?"
    named = quote(identifier, safe=_UNRESERVED)
    unsigned = f"{url}{joint}identifier={named}&timestamp={timestamp}"
    return f"{unsigned}&authSignature={signature_of(unsigned, secret=secret)}"


def signature_of(url: str, *, secret: str) -> str:
    """Return the signature of a URL as it stands, in lower case."""
    return hmac.new(secret.encode(), url.encode(), hashlib.sha1).hexdigest()
