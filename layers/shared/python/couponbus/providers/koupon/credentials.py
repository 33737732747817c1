"""The credentials of an account at Koupon: an identifier that is sent, a secret that is not."""

import re
from dataclasses import dataclass, field
from typing import Protocol, Self
from urllib.parse import quote

from couponbus.domain.errors import InputRejected, SecretUnavailable
from couponbus.domain.strict_json import strict_answer

IDENTIFIER_MAX = 160
_PRINTABLE = re.compile(r"[!-~]{1,512}")


class SecretTexts(Protocol):
    """Secrets that are cached for a while."""

    def get(self, secret_id: str) -> str:
        """Return the text of the secret. Raises SecretUnavailable."""
        ...

    def refresh(self, secret_id: str) -> object:
        """Drop it from the cache, so that the next call reads it again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Identifier and secret; the repr shows neither."""

    identifier: str = field(repr=False)
    secret: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse a secret `{"identifier": ..., "secret": ...}`.

        Raises SecretUnavailable: an operator may correct the secret while the work waits.
        """
        try:
            value = strict_answer(text.encode("utf-8", "surrogatepass"))
        except InputRejected:
            value = None
        halves = (value.get("identifier"), value.get("secret")) if isinstance(value, dict) else ()
        texts = [half for half in halves if isinstance(half, str) and _PRINTABLE.fullmatch(half)]
        if len(texts) != 2 or len(quote(texts[0])) > IDENTIFIER_MAX:  # noqa: PLR2004 - both halves
            raise SecretUnavailable(
                "the secret has not an identifier and a secret, both printable", code="unusable"
            )
        return cls(identifier=texts[0], secret=texts[1])
