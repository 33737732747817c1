"""A secret by which others prove who they are: one text, or several while it is rotated."""

import json
import re

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.webhooks.signature import key_of

SECRETS_MAX = 8  # each costs a signature for every request
_BETWEEN = re.compile(r"[\s,]+")
# What a path can carry as it stands, and nobody guesses.
_PATH_SECRET = re.compile(r"[A-Za-z0-9_-]{24,128}")


def signing_keys_in(text: str) -> tuple[bytes, ...]:
    """Return the keys with which a sign-up may be signed. Raises ConfigurationInvalid."""
    return tuple(key_of(one) for one in _listed(text))


def path_secrets_in(text: str) -> tuple[str, ...]:
    """Return the secrets that may stand in a path. Raises ConfigurationInvalid."""
    listed = _listed(text)
    if not all(_PATH_SECRET.fullmatch(one) for one in listed):
        raise ConfigurationInvalid("a path secret is 24 to 128 letters, digits, - or _")
    return listed


def _listed(text: str) -> tuple[str, ...]:
    """Return the parts of a JSON list, or what stands between commas and spaces."""
    parts = _parsed(text) if text.lstrip().startswith("[") else _BETWEEN.split(text)
    found = tuple(dict.fromkeys(part for part in parts if part))
    if not 1 <= len(found) <= SECRETS_MAX:
        raise ConfigurationInvalid(f"a secret is one text, or a list of at most {SECRETS_MAX}")
    return found


def _parsed(text: str) -> list[str]:
    try:
        parts: object = json.loads(text)
    except (ValueError, RecursionError):
        # The parser's message quotes what it read.
        parts = None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ConfigurationInvalid("a list of secrets is a JSON list of texts")
    return parts
