"""URLs of Koupon: in the one spelling that no HTTP library rewrites, short enough, and signed.

See docs/providers.md#koupon-signatures and, for the chunks, docs/providers.md#koupon-requests.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from couponbus.domain.errors import InputRejected

# Beside letters and digits; any other character would be decoded, encoded or folded on its way.
_UNRESERVED = "-._~"
VERSION = "/v2"
URL_MAX = 2_000
# What signing appends: names, timestamp, signature and an identifier of up to 160 characters.
SIGNATURE_ROOM = 256

type Pairs = Sequence[tuple[str, Sequence[str]]]


def offers_url(
    base_url: str, *, consumer: str, offer_ids: Sequence[str] = (), query: Pairs = ()
) -> str:
    """Return the URL of all offers of a consumer, or of `offer_ids`; lists keep their commas."""
    url = f"{base_url.rstrip('/')}{VERSION}/{_encoded(consumer)}/offers"
    if offer_ids:
        url += "/" + _joined(offer_ids)
    pairs = [f"{name}={_joined(values)}" for name, values in query]
    return f"{url}?{'&'.join(pairs)}" if pairs else url


def _joined(values: Sequence[str]) -> str:
    return ",".join(_encoded(value) for value in values)


def _encoded(text: str) -> str:
    return quote(text, safe=_UNRESERVED)


def check_length(url: str) -> None:
    """Raise InputRejected for a URL that would be too long once it is signed."""
    if len(url) + SIGNATURE_ROOM > URL_MAX:
        raise InputRejected("too_long", fields=("url",))


def chunks(offer_ids: Sequence[str], *, most: int, url: str) -> Iterator[tuple[str, ...]]:
    """Yield the ids, each once, in as few chunks as fit into `url`, which has no ids yet.

    Raises InputRejected for an id that does not even fit alone.
    """
    room = URL_MAX - SIGNATURE_ROOM - len(url)
    piece: list[str] = []
    taken = 0
    for offer_id in dict.fromkeys(offer_ids):
        needed = len(quote(offer_id, safe="")) + 1
        if needed > room:
            raise InputRejected("too_long", fields=("offer_ids",))
        if len(piece) == most or taken + needed > room:
            yield tuple(piece)
            piece, taken = [], 0
        piece.append(offer_id)
        taken += needed
    if piece:
        yield tuple(piece)


def sign_url(url: str, *, identifier: str, secret: str, timestamp: int) -> str:
    """Return the URL with identifier, timestamp in epoch seconds and, last, its signature.

    The server verifies the URL as it arrives, scheme and order included. Raises ValueError for
    a URL with a fragment, which would not be sent.
    """
    if "#" in url:
        raise ValueError("a fragment does not travel")
    joint = "&" if "?" in url else "?"
    unsigned = f"{url}{joint}identifier={_encoded(identifier)}&timestamp={timestamp}"
    return f"{unsigned}&authSignature={signature_of(unsigned, secret=secret)}"


def signature_of(url: str, *, secret: str) -> str:
    """Return the HMAC-SHA1 of a URL as it stands, in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), url.encode(), hashlib.sha1).hexdigest()
