"""House defaults: small constructs that make the safe way the short way."""
