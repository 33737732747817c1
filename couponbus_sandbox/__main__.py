"""The command `python -m couponbus_sandbox`: run simulators in the foreground until interrupted."""

import json
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

from pydantic import ValidationError

from couponbus_sandbox.coniq import command as coniq
from couponbus_sandbox.koupon import command as koupon
from couponbus_sandbox.local.local_environment import entered
from couponbus_sandbox.simulator.controls import what_is_wrong
from couponbus_sandbox.simulator.options import ProviderCommand
from couponbus_sandbox.simulator.server import PortTakenError, serve
from couponbus_sandbox.uniqodo import command as uniqodo

ALL = "all of them in one process, each with its defaults"
STOPPING = (signal.SIGINT, signal.SIGTERM)
PROVIDERS: Mapping[str, ProviderCommand] = {"coniq": coniq, "koupon": koupon, "uniqodo": uniqodo}


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
    chosen: Sequence[str] = options.providers
    with ExitStack() as running:
        interrupted = running.enter_context(_interruption())
        for place, name in enumerate(chosen):
            port = options.port + place if options.port else 0
            mine = options if len(chosen) == 1 else _defaults_of(PROVIDERS[name])
            server = running.enter_context(serve(PROVIDERS[name].build(mine), port=port))
            _tell(name, url=server.url)
        interrupted.wait()
    sys.stderr.write("stopped\n")
    return 0


def _tell(name: str, *, url: str) -> None:
    ready = {"provider": name, "url": url, "control_url": f"{url}/_sandbox"}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    sys.stderr.write(f"{name} listens on {url}; Ctrl-C stops it\n")


def _defaults_of(provider: ProviderCommand) -> Namespace:
    parser = ArgumentParser()
    provider.add_options(parser)
    return parser.parse_args([])


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
        prog="python -m couponbus_sandbox",
        description="Simulators of the providers, on 127.0.0.1 only.",
        epilog="When ready it prints one line of JSON with the URLs for each simulator.",
    )
    commands: _SubParsersAction[ArgumentParser] = parser.add_subparsers(
        title="simulators", required=True, metavar="PROVIDER"
    )
    for name, provider in PROVIDERS.items():
        summary = provider.SUMMARY
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("--port", type=int, default=0, help="port; a free one if not given")
        provider.add_options(command)
        command.set_defaults(providers=(name,))
    everything = commands.add_parser("all", help=ALL, description=ALL)
    everything.add_argument(
        "--port",
        type=int,
        default=0,
        help="of the first, the others follow; free ones if not given",
    )
    everything.set_defaults(providers=(*PROVIDERS,))
    return parser


if __name__ == "__main__":
    sys.exit(entered(main))
