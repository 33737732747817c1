"""The names of a deployed stage, by the file that describes it."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import DEFAULT_FILE, read_installation
from couponbus_config.names import Names


def names_of(parser: ArgumentParser, arguments: Sequence[str] | None) -> Names:
    """Read the stage and its file from the arguments; end with 2 when there is no such stage."""
    parser.add_argument("--stage", required=True)
    parser.add_argument("--config", type=Path, default=DEFAULT_FILE)
    given = parser.parse_args(arguments)
    try:
        installation = read_installation(given.config)
        return installation.names(installation.stage(given.stage).name)
    except ConfigurationError as wrong:
        parser.error(str(wrong))
