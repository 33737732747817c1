"""The command `python -m sandbox`: run simulators in the foreground until interrupted."""

import json
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

from pydantic import ValidationError

from sandbox import coniq_cli
from sandbox.coniq_settings import what_is_wrong
from sandbox.server import PortTakenError, serve

STOPPING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """How the command line starts one simulator."""

    name: str
    summary: str
    add_options: Callable[[ArgumentParser], None]
    build: coniq_cli.Build


PROVIDERS = (
    Provider(
        name="coniq",
        summary=coniq_cli.SUMMARY,
        add_options=coniq_cli.add_options,
        build=coniq_cli.build,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; 0 after an interrupt, 1 when it cannot start."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except ValidationError as problem:
        sys.stderr.write(f"error: {what_is_wrong(problem)}\n")
        return 1
    except (PortTakenError, ValueError) as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 1


def _run(options: Namespace) -> int:
    provider: Provider = options.provider
    with ExitStack() as running:
        interrupted = running.enter_context(_interruption())
        server = running.enter_context(serve(provider.build(options), port=options.port))
        ready = {
            "provider": provider.name,
            "url": server.url,
            "control_url": f"{server.url}/_sandbox",
        }
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        sys.stderr.write(f"{provider.name} listens on {server.url}; Ctrl-C stops it\n")
        interrupted.wait()
    sys.stderr.write("stopped\n")
    return 0


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """Give an event that SIGINT and SIGTERM set, in place of what they did before."""
    interrupted = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()

    before = {number: signal.signal(number, interrupt) for number in STOPPING}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m sandbox",
        description="Simulators of the providers, on 127.0.0.1 only.",
        epilog="When ready it prints one line of JSON with the URLs.",
    )
    commands: _SubParsersAction[ArgumentParser] = parser.add_subparsers(
        title="simulators", required=True, metavar="PROVIDER"
    )
    for provider in PROVIDERS:
        command = commands.add_parser(
            provider.name,
            help=provider.summary,
            description=provider.summary,
        )
        command.add_argument("--port", type=int, default=0, help="port; a free one if not given")
        provider.add_options(command)
        command.set_defaults(provider=provider)
    return parser


if __name__ == "__main__":
    sys.exit(main())
