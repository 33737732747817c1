"""Inbound HTTP requests: the accounts, the secrets that prove a caller, the fields of a body."""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qsl

from couponbus.domain.errors import ConfigurationInvalid, InputRejected
from couponbus.domain.strict_json import strict_json
from couponbus.domain.webhooks.signature import key_of

FIELDS_MAX = 100
MULTIPART = "multipart/form-data"
SECRETS_MAX = 8  # each costs a signature for every request
_BETWEEN = re.compile(r"[\s,]+")
# What a path can carry unescaped, and is too long to guess.
_PATH_SECRET = re.compile(r"[A-Za-z0-9_-]{24,128}")
_PROMOTION = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAccount:
    """The tenant of an account, and its names for the two fields that are read.

    `secret_id` names the secret that stands in the path, it is never the secret itself.
    """

    name: str
    secret_id: str
    tenant: str = "default"
    promotion_field: str = "promotionId"
    user_field: str = "userId"


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """A sender of sign-ups with a path and a secret of its own; no tenants means any.

    `secret_id` names the secret that signs, it is never the secret itself.
    """

    name: str
    secret_id: str
    tenants: tuple[str, ...] = ()


def account_opened_by(given: str, secrets: Mapping[str, Sequence[str]]) -> str | None:
    """Return the account with this secret, None if there is none.

    It is compared with every secret of every account, and by hashes of equal length, so that the
    time it takes depends on nothing but their number.
    """
    wanted = _hashed(given)
    found: str | None = None
    for account, texts in secrets.items():
        for text in texts:
            found = account if hmac.compare_digest(wanted, _hashed(text)) else found
    return found


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


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


def fields_of(text: str) -> Mapping[str, str]:
    """Return the fields that occur once, none of a form with too many.

    For a repeated field it is not known which value counts.
    """
    whole = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    try:
        pairs = parse_qsl(whole, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}
    return _once(pairs)


def body_fields(body: bytes, *, content_type: str) -> Mapping[str, str]:
    """Return the fields of a multipart body, a JSON object or a form; none of any other body."""
    if content_type.lstrip().lower().startswith(MULTIPART):
        return _multipart_fields(body, content_type=content_type)
    text = body.decode("utf-8", "replace")
    return _json_fields(text) if text.lstrip().startswith("{") else fields_of(text)


def promotion_meant(text: str) -> str:
    """Return a promotion as programs write it: 32 digits, without dashes and in lower case.

    What is no such id is returned as it is.
    """
    digits = text.replace("-", "").lower()
    return digits if _PROMOTION.fullmatch(digits) else text


def _once(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    times = Counter(name for name, _ in pairs)
    return {name: value for name, value in pairs if times[name] == 1}


def _json_fields(text: str) -> Mapping[str, str]:
    """Return the texts, and the whole numbers as their digits."""
    try:
        content = strict_json(text)
    except InputRejected:
        return {}
    found = content.items() if isinstance(content, dict) else ()
    return {
        name: str(value)
        for name, value in found
        if isinstance(value, str) or (type(value) is int and value >= 0)
    }


def _multipart_fields(body: bytes, *, content_type: str) -> Mapping[str, str]:
    """Return the fields of a body that is whole; files are none."""
    head = f"content-type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = message_from_bytes(head + body)
    parts = message.get_payload()
    if message.defects or not isinstance(parts, list) or len(parts) > FIELDS_MAX:
        return {}
    return _once([pair for part in parts for pair in _part_fields(part)])


def _part_fields(part: object) -> Iterator[tuple[str, str]]:
    """Yield name and value, nothing for a part that is no field."""
    if not isinstance(part, Message):
        return
    name = part.get_param("name", header="content-disposition")
    value = part.get_payload(decode=True)
    if isinstance(name, str) and isinstance(value, bytes) and part.get_filename() is None:
        yield name, value.decode("utf-8", "replace")
