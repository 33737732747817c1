"""The error that stops the synthesis."""


class ConfigurationError(Exception):
    """Synthesis cannot go on; the message says in one sentence what to change."""
