"""What must never be seen, in every spelling in which it could be."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

API_KEY = "canary-key-not-real-7Q4Z9X"
UNIQODO_KEY = "canary$uniqodo/key-not-real-8R"
KOUPON_IDENTIFIER = "canary-identifier-not-real-2W"
KOUPON_SECRET = "canary-koupon/secret-not-real-6T"
PEPPER = "canary-pepper-not-real-K3V8"
SIGN_UPS_SECRET = "canarySignUpsSecretNotReal4K9wQZ"  # valid base64, as a real one is
PATH_SECRET = "canary-path-secret-not-real-3H"
ODD_SECRET = "canary-odd-secret-not-real-5M"  # a secret of the wrong form
KEYS = (
    API_KEY,
    UNIQODO_KEY,
    KOUPON_IDENTIFIER,
    KOUPON_SECRET,
    PEPPER,
    SIGN_UPS_SECRET,
    PATH_SECRET,
    ODD_SECRET,
)

EMAIL = "canary.ann@customer.example"
UNKNOWN_EMAIL = "canary.bob@customer.example"
GARBAGE_EMAIL = "canary.eve@customer.example"
BIRTH_DATE = "1987-03-29"
TELEPHONE = "+447700900123"
UNIQODO_USER = "canary.uma@shopper.example"
KOUPON_CONSUMER = "CanaryKo7x"  # too short to be taken for a key
NAMES = (
    EMAIL,
    UNKNOWN_EMAIL,
    GARBAGE_EMAIL,
    BIRTH_DATE,
    TELEPHONE,
    UNIQODO_USER,
    KOUPON_CONSUMER,
)

CODE = "CANARYCODE"
MASTER_CODE = "CANARYMASTER"
ORDER = "canary-order-9H for pia@reader"  # no plain reference: those are published
PARAMETER = "canary.pia@reader.example"
GOODS = (CODE, MASTER_CODE, ORDER, PARAMETER)
ALWAYS = (*KEYS, *NAMES, *GOODS)

SIGNING_KEY = "canary-signing-key-not-real-8V5J"
URL_TOKEN = "canary-url-token-not-real-1B"
ANSWER = "canary-answer-not-real-7Y"  # what receivers answer
EVENT_SECRET = "canary-event-not-real-4N"  # in events, for receivers only
OF_WEBHOOKS = (SIGNING_KEY, URL_TOKEN, ANSWER, EVENT_SECRET)
LONGEST_NEIGHBOURHOOD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer under the names that the providers know; each contains the planted one.

    Three letters stand before that: so base64 of the whole shows base64 of the planted part.
    """

    number: int

    @property
    def uniqodo_user(self) -> str:
        return f"{self.number:02d}-{UNIQODO_USER}"

    @property
    def koupon_consumer(self) -> str:
        return f"{self.number:02d}-{KOUPON_CONSUMER}"

    @property
    def names(self) -> tuple[str, str]:
        return self.uniqodo_user, self.koupon_consumer

    @property
    def parameter(self) -> str:
        """What a shop attaches to this customer's redemptions."""
        return f"{self.number:02d}-{PARAMETER}"

    def code(self, serial: int) -> str:
        """Return a code whose last four digits, which may be shown, are not the planted part."""
        return f"{CODE}{self.number:02d}{serial:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A secret that was seen, and what stood around it."""

    secret: str
    place: str
    around: str


def hits(seen: Mapping[str, Sequence[str]], secrets: Sequence[str]) -> list[Hit]:
    """Return each occurrence of each secret, by the place where it was seen."""
    spelt = [(secret, spelling) for secret in secrets for spelling in _spellings(secret)]
    return [
        Hit(secret=secret, place=place, around=_around(text, spelling))
        for place, texts in seen.items()
        for text in map(str.casefold, texts)
        for secret, spelling in spelt
        if spelling in text
    ]


def _spellings(secret: str) -> set[str]:
    """Return the secret plain, and as in URLs, JSON, byte strings and other encodings."""
    raw = secret.encode()
    encoded = (
        base64.b64encode(raw).decode().rstrip("=")[:-1]
    )  # the last letter depends on what follows
    plain = {secret, secret[::-1], quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex()}
    escaped = {secret.replace("@", "\\u0040"), encoded}
    return {each.casefold() for each in plain | escaped}


def _around(text: str, spelling: str) -> str:
    place = text.find(spelling)
    return text[max(place - LONGEST_NEIGHBOURHOOD, 0) : place + len(spelling)]
