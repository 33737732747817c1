"""Reads `couponbus.yaml` for a command: each mistake with its line and column, exit code 2."""

from pathlib import Path

from couponbus_cli.app.failing import Failed
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import InstallationInvalid, installation_in, text_of
from couponbus_config.installation import Installation

USAGE = 2


def installation_of(file: Path) -> Installation:
    """Return what the file describes. Raises Failed."""
    try:
        return installation_in(text_of(file), file=str(file))
    except InstallationInvalid as wrong:
        raise Failed(
            str(wrong), kind="config_invalid", code=USAGE, details=wrong.details()
        ) from None
    except ConfigurationError as wrong:
        raise Failed(str(wrong), kind="config_invalid", code=USAGE) from None
