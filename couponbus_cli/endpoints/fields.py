"""Validate what an operator typed for an endpoint, and return it in its stored form."""

import json
import re
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.webhooks.endpoint import EVERYTHING, endpoint_key
from couponbus.providers.webhooks.addresses import policy_of
from couponbus.providers.webhooks.target import endpoint_url
from couponbus.usecases.webhooks.subscribers import pattern_problem
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.matchable import no_published
from couponbus_cli.app.published import detail_types
from couponbus_cli.app.stage import Stage
from couponbus_cli.app.world import World

ID_MAX = 63
NAMESAKES = 50
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


def checked_url(url: str, *, stage: Stage) -> str:
    """Return the URL in its stored form. Raises Failed that repeats no part of the URL."""
    try:
        return endpoint_url(url, policy=policy_of(stage))
    except ConfigurationInvalid as invalid:
        raise Failed(f"the {invalid}", kind="invalid_input") from None


def pattern_of(events: str) -> str:
    """Return the pattern for a pattern, an `@file`, or names of events. Raises Failed."""
    text = _read(Path(events[1:])) if events.startswith("@") else events
    if not events.startswith("@") and "{" not in text and text.strip():
        return json.dumps({"detail-type": _names(text)})
    problem = pattern_problem(text)
    if problem is not None:
        raise Failed(f"--events: {problem}", kind="invalid_input")
    pattern = json.loads(text)
    unmatched = no_published(pattern)
    if unmatched is not None:
        raise Failed(f"--events: it would never match; {unmatched}", kind="invalid_input")
    compact = json.dumps(pattern, separators=(",", ":"), ensure_ascii=False)
    return EVERYTHING if compact == EVERYTHING else compact


def free_id(url: str, *, world: World) -> str:
    """Return an id made of the host that no endpoint has, or had. Raises Failed."""
    parts = urlsplit(url)
    name = _NO_LETTERS.sub("-", parts.netloc.lower()).strip("-")[: ID_MAX - 3].strip("-")
    numbered = (f"{name}-{number}" for number in range(2, NAMESAKES))
    candidates = list(chain([name], numbered))
    taken = world.rows.read([endpoint_key(each) for each in candidates])
    for candidate in candidates:
        if endpoint_key(candidate) not in taken:
            return candidate
    raise Failed(f"many endpoints are called {name}: give --id", kind="invalid_input")


def _names(text: str) -> Sequence[str]:
    known = detail_types()
    names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in known]
    if unknown:
        text = f"--events: there is no event {', '.join(unknown)}; there are {', '.join(known)}"
        raise Failed(text, kind="invalid_input")
    return names


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        text = f"--events: {path} cannot be read: {error.strerror}"
        raise Failed(text, kind="invalid_file") from None
    except UnicodeDecodeError:
        raise Failed(f"--events: {path} is not UTF-8 text", kind="invalid_file") from None
