"""Lists of offers in pieces that fit into one URL each (docs/providers.md#koupon-requests)."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from couponbus.domain.errors import InputRejected

URL_MAX = 2_000
# What signing appends: names, timestamp, signature and an identifier of up to 160 characters.
SIGNATURE_ROOM = 256


def check_length(url: str) -> None:
    """Raise InputRejected for a URL that would be too long once it is signed."""
    if len(url) + SIGNATURE_ROOM > URL_MAX:
        raise InputRejected("too_long", fields=("url",))


def chunks(offer_ids: Sequence[str], *, most: int, url: str) -> Iterator[tuple[str, ...]]:
    """Yield the ids, each once, in as few pieces as go into `url`, which is without ids yet.

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
