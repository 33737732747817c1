"""URLs in the one spelling that no HTTP library rewrites (docs/providers.md#koupon-signatures)."""

from collections.abc import Sequence
from urllib.parse import quote

# Letters and digits aside; anything else would be decoded, encoded or folded on its way.
_UNRESERVED = "-._~"
VERSION = "/v2"

type Pairs = Sequence[tuple[str, Sequence[str]]]


def offers_url(
    base_url: str, *, consumer: str, offer_ids: Sequence[str] = (), query: Pairs = ()
) -> str:
    """Return the address of all offers of a consumer, or of those; lists keep their commas."""
    url = f"{base_url.rstrip('/')}{VERSION}/{_encoded(consumer)}/offers"
    if offer_ids:
        url += "/" + _joined(offer_ids)
    pairs = [f"{name}={_joined(values)}" for name, values in query]
    return f"{url}?{'&'.join(pairs)}" if pairs else url


def _joined(values: Sequence[str]) -> str:
    return ",".join(_encoded(value) for value in values)


def _encoded(text: str) -> str:
    return quote(text, safe=_UNRESERVED)
