"""Takes out of a snapshot what names the customer: it is published, and read by all subscribers."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote

from couponbus.domain.polling.redemption import Redemption
from couponbus.domain.polling.snapshot import OfferSnapshot, Snapshot

# No picture, such as img@2x.png.
_E_MAIL = re.compile(r"[^\s@/?&=]@(?!\d)[\w-]+(?:\.[\w-]+)+")


def impersonal(snapshot: Snapshot, *, user_id: str) -> Snapshot:
    """Return the snapshot without texts that name a person; `user_id` is the customer there.

    Titles and pictures of offers may greet a customer, and an order may be numbered by them.
    """
    return replace(
        snapshot,
        uses=tuple(_use(one, user_id) for one in snapshot.uses),
        offers=tuple(_offer(one, user_id) for one in snapshot.offers),
    )


def _use(use: Redemption, user_id: str) -> Redemption:
    order_id, tags = _cleared(use.order_id, user_id), _labels(use.tags, user_id)
    if order_id == use.order_id and len(tags) == len(use.tags):
        return use
    return replace(use, order_id=order_id, tags=tags)


def _offer(offer: OfferSnapshot, user_id: str) -> OfferSnapshot:
    view = offer.view
    title, image = _cleared(view.title, user_id), _cleared(view.image_url, user_id)
    if (title, image) == (view.title, view.image_url):
        return offer
    return replace(offer, view=replace(view, title=title, image_url=image))


def _labels(tags: Sequence[str], user_id: str) -> Sequence[str]:
    return [tag for tag in tags if not _is_personal(tag, user_id)]


def _cleared(text: str | None, user_id: str) -> str | None:
    return None if text is None or _is_personal(text, user_id) else text


def _is_personal(text: str, user_id: str) -> bool:
    """Whether it has an e-mail address, or this customer's id as a word of its own."""
    plain = unquote(text) if "%" in text else text
    if "@" in plain and _E_MAIL.search(plain):
        return True
    return _has_word(plain.casefold(), user_id.casefold())


def _has_word(text: str, word: str) -> bool:
    place = text.find(word)
    while place >= 0:
        around = text[max(place - 1, 0) : place] + text[place + len(word) : place + len(word) + 1]
        if not any(map(str.isalnum, around)):
            return True
        place = text.find(word, place + 1)
    return False
