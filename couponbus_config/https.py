"""Which texts are https URLs of a host that others can reach."""

import re
from urllib.parse import urlsplit


def is_https(url: str) -> bool:
    """Return whether it names a host with a domain, and holds neither a user nor a space."""
    try:
        parts = urlsplit(url)
        named = "." in (parts.hostname or "") and parts.username is None
        return parts.scheme == "https" and named and not re.search(r"\s", url)
    except ValueError:
        return False
