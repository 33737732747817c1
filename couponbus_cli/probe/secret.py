"""The source of the secret: a file, Secrets Manager or the environment; never an argument."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from couponbus.domain.errors import InputRejected, SecretUnavailable
from couponbus.domain.strict_json import strict_answer
from couponbus.providers.koupon.credentials import Credentials
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.probe.hosts import misused

SECRET_MAX_BYTES = 64 * 1024


class SecretStore(Protocol):
    """Secrets Manager."""

    def get(self, secret_id: str) -> str:
        """Return the text of the secret. Raises SecretUnavailable."""
        ...


class Source:
    """One of the three sources; a file or an id takes precedence over the environment."""

    def __init__(
        self,
        *,
        file: Path | None,
        secret_id: str | None,
        environment: Mapping[str, str],
        store: SecretStore,
    ) -> None:
        """Read nothing yet. Raises Failed for two sources at once."""
        if file is not None and secret_id is not None:
            raise misused("give --secret-file or --secret-id, not both")
        self._file = file
        self._secret_id = secret_id
        self._environment = environment
        self._store = store

    def api_key(self, *, variable: str) -> str:
        """Return a key: the text itself, or the `api_key` of a JSON object. Raises Failed."""
        text = self._text()
        if text is None:
            text = self._from_environment(variable)
        key = _api_key_in(text)
        if not key:
            raise misused("the secret is not an API key, nor JSON with an `api_key`")
        return key

    def credentials(self, *, variables: tuple[str, str]) -> Credentials:
        """Return Koupon's identifier and secret. Raises Failed."""
        text = self._text()
        if text is None:
            halves = [self._from_environment(variable) for variable in variables]
            text = json.dumps(dict(zip(("identifier", "secret"), halves, strict=True)))
        try:
            return Credentials.read(text.strip())
        except SecretUnavailable as wrong:
            raise misused(str(wrong)) from None

    def _text(self) -> str | None:
        if self._file is not None:
            return _content(self._file)
        if self._secret_id is None:
            return None
        try:
            return self._store.get(self._secret_id)
        except SecretUnavailable as problem:
            text = f"the secret cannot be read: {problem}"
            raise Failed(text, kind="unreachable", code=UNREACHABLE) from None

    def _from_environment(self, variable: str) -> str:
        text = self._environment.get(variable, "").strip()
        if not text:
            raise misused(f"no credentials: set {variable}, or give --secret-file or --secret-id")
        return text


def _content(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(SECRET_MAX_BYTES).decode()
    except OSError as problem:
        raise misused(f"--secret-file cannot be read ({type(problem).__name__})") from None
    except UnicodeDecodeError:
        raise misused("--secret-file is not text") from None


def _api_key_in(text: str) -> str:
    if not text.lstrip().startswith("{"):
        return text.strip()
    try:
        value = strict_answer(text.encode())
    except InputRejected:
        return ""
    key = value.get("api_key") if isinstance(value, dict) else None
    return key.strip() if isinstance(key, str) else ""
