"""Idempotent changes of an endpoint's list of signing secrets."""

from collections.abc import Sequence
from datetime import datetime

from couponbus.aws.webhooks.signing_keys import SigningSecret, SigningSecrets
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.formatting import when

VALID_MAX = 5  # each is a signature in a header of every webhook


def with_first(document: SigningSecrets, *, endpoint_id: str, secret: str) -> SigningSecrets:
    """Add a secret in front of any others, which another operator may have just added."""
    listed = document.get(endpoint_id, ())
    if _has(listed, secret):
        return document
    return {**document, endpoint_id: (SigningSecret(secret=secret), *listed)}


def rotated(
    document: SigningSecrets, *, endpoint_id: str, secret: str, now: datetime, ends: datetime
) -> SigningSecrets:
    """Add a secret in front; the others end at `ends`, or sooner if they do. Raises Failed."""
    listed = document.get(endpoint_id, ())
    if _has(listed, secret):
        return document
    kept = [
        SigningSecret(secret=one.secret, until=min(one.until or ends, ends))
        for one in valid(listed, now)
    ]
    left = valid(kept, now)
    if len(left) >= VALID_MAX:
        first = min(one.until for one in left if one.until is not None)
        text = (
            f"{endpoint_id} has {len(left)} secrets that are still valid, and each is in every"
            f" webhook: the next of them ends {when(first, now)}; rotate then, or with --overlap 0h"
        )
        raise Failed(text, kind="too_many")
    return {**document, endpoint_id: (SigningSecret(secret=secret), *left)}


def without(document: SigningSecrets, *, endpoint_id: str) -> SigningSecrets:
    """Forget all secrets of an endpoint."""
    return {name: listed for name, listed in document.items() if name != endpoint_id}


def without_one(document: SigningSecrets, *, endpoint_id: str, secret: str) -> SigningSecrets:
    """Forget one secret of an endpoint."""
    left = tuple(one for one in document.get(endpoint_id, ()) if one.secret != secret)
    others = without(document, endpoint_id=endpoint_id)
    return {**others, endpoint_id: left} if left else others


def valid(listed: Sequence[SigningSecret], now: datetime) -> Sequence[SigningSecret]:
    """Return the secrets with which a webhook is signed now."""
    return [one for one in listed if one.until is None or now < one.until]


def _has(listed: Sequence[SigningSecret], secret: str) -> bool:
    return any(one.secret == secret for one in listed)
