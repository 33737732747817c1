"""What must never be seen, and every spelling in which it could be."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

API_KEY = "canary-key-not-real-7Q4Z9X"
PEPPER = "canary-pepper-not-real-K3V8"
EMAIL = "canary.ann@customer.example"
UNKNOWN_EMAIL = "canary.bob@customer.example"
GARBAGE_EMAIL = "canary.eve@customer.example"
BIRTH_DATE = "1987-03-29"
TELEPHONE = "+447700900123"
ODD_SECRET = "canary-odd-secret-not-real-5M"  # stands where a secret is not as it should be
ALWAYS = (
    API_KEY,
    PEPPER,
    EMAIL,
    UNKNOWN_EMAIL,
    GARBAGE_EMAIL,
    BIRTH_DATE,
    TELEPHONE,
    ODD_SECRET,
)
LONGEST_NEIGHBOURHOOD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A secret that was seen, and what stood around it."""

    secret: str
    place: str
    around: str


def hits(seen: Mapping[str, Sequence[str]], secrets: Sequence[str]) -> list[Hit]:
    """Return each sight of each secret, by the place where it was seen."""
    return [
        Hit(secret=secret, place=place, around=_around(text, spelling))
        for place, texts in seen.items()
        for text in texts
        for secret in secrets
        for spelling in _spellings(secret)
        if spelling in text.casefold()
    ]


def _spellings(secret: str) -> set[str]:
    """Return it plain, as in URLs, JSON, byte strings and encodings that look like none."""
    raw = secret.encode()
    encoded = (
        base64.b64encode(raw).decode().rstrip("=")[:-1]
    )  # the last letter depends on what follows
    plain = {secret, secret[::-1], quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex()}
    escaped = {secret.replace("@", "\\u0040"), encoded}
    return {each.casefold() for each in plain | escaped}


def _around(text: str, spelling: str) -> str:
    place = text.casefold().find(spelling)
    return text[max(place - LONGEST_NEIGHBOURHOOD, 0) : place + len(spelling)]


def garbage() -> Iterator[str]:
    """Yield messages that nobody can use, with an e-mail or a number wherever one can stand."""
    good = {"signup_id": "garbage-1", "occurred_at": "2026-01-31T12:00:00Z"}
    yield GARBAGE_EMAIL
    yield f'{{"signup_id": "{GARBAGE_EMAIL}'
    yield json.dumps([GARBAGE_EMAIL])
    yield json.dumps(GARBAGE_EMAIL)
    yield json.dumps({GARBAGE_EMAIL: GARBAGE_EMAIL})
    yield json.dumps({**good, "customer": GARBAGE_EMAIL})
    yield json.dumps({**good, "customer": {"coniq_customer_id": GARBAGE_EMAIL}})
    yield json.dumps({**good, "customer": {"email": [GARBAGE_EMAIL]}})
    yield json.dumps({**good, "customer": {"email": f"{GARBAGE_EMAIL} {GARBAGE_EMAIL}"}})
    yield json.dumps({**good, "customer": {"birth_date": f"{BIRTH_DATE}T"}})
    yield json.dumps({**good, "customer": {}, "attributes": {GARBAGE_EMAIL: {GARBAGE_EMAIL: 1}}})
    yield json.dumps({**good, "customer": {}, "attributes": {"tel": [[TELEPHONE]]}})
    yield json.dumps({**good, "customer": {}, "consents": [{GARBAGE_EMAIL: True}]})
    yield json.dumps({**good, "customer": {}, "occurred_at": GARBAGE_EMAIL})
    yield json.dumps({**good, "customer": {}, "tenant": f"\x07{GARBAGE_EMAIL}"})
    yield json.dumps({"detail-type": GARBAGE_EMAIL, "detail": {"email": GARBAGE_EMAIL}})
    yield json.dumps({"detail-type": "CustomerSignedUp", "detail": GARBAGE_EMAIL})
    yield json.dumps({"type": "ContinueWork", "keys": [GARBAGE_EMAIL]})
    yield json.dumps({"type": "ContinueWork", "keys": {GARBAGE_EMAIL: 1}})
    yield json.dumps({**good, "customer": {"email": GARBAGE_EMAIL}})[:-1] + ', "customer": {}}'
    yield json.dumps({**good, "customer": {}, "attributes": {"x": GARBAGE_EMAIL * 4_000}})
    yield "[" * 500 + f'"{GARBAGE_EMAIL}"' + "]" * 500
    yield f'{{"signup_id": "garbage-2", "customer": {{"email": "{GARBAGE_EMAIL}\\ud800"}}}}'
    yield f'{{"signup_id": "garbage-3", "value": NaN, "email": "{GARBAGE_EMAIL}"}}'
