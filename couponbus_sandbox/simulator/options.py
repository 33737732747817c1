"""Options of the command line that set a setting of a simulator."""

from argparse import ArgumentParser, Namespace
from dataclasses import fields
from typing import Literal, Protocol, get_args, get_origin, get_type_hints

from starlette.types import ASGIApp

from couponbus_sandbox.simulator.settings import ProviderSettings


class ProviderCommand(Protocol):
    """How the command line starts one simulator."""

    SUMMARY: str

    def add_options(self, parser: ArgumentParser) -> None:
        """Declare the options."""

    def build(self, options: Namespace) -> ASGIApp:
        """Return the application for parsed options; raises ValueError for a malformed one."""


def add_option(
    parser: ArgumentParser,
    setting: str,
    text: str,
    *,
    of: ProviderSettings,
    flag: str | None = None,
    metavar: str | None = None,
) -> None:
    """Declare the option of a setting, which takes its type, choices and default from the field."""
    default: object = getattr(of, setting)
    hint = get_type_hints(type(of))[setting]
    parser.add_argument(
        flag or f"--{setting.replace('_', '-')}",
        dest=setting,
        type=str if default is None else type(default),
        choices=get_args(hint) if get_origin(hint) is Literal else None,
        default=default,
        metavar=metavar,
        help=text if default is None else f"{text} (default: %(default)s)",
    )


def given[S: ProviderSettings](kind: type[S], options: Namespace, **more: object) -> S:
    """Return the settings of the options; `more` overrides them. Raises ValidationError."""
    texts = {name: value for name, value in vars(options).items() if name in _names(kind)}
    return kind.read(texts | more)


def named(text: str, *, number: int) -> tuple[str, str]:
    """Parse `[NAME=]KEY` to name and key; without a name it is `account-{number}`."""
    name, equals, key = text.partition("=")
    return (name, key) if equals else (f"account-{number}", text)


def _names(kind: type[ProviderSettings]) -> set[str]:
    return {each.name for each in fields(kind)}
