"""The part `hot` of `make bench`: the hot path against a plain design, in the shapes of a stage.

`python -m tests.benchmarks.hot [tls]`; over TLS it is a process of its own, as its clients are.
"""

import json
import os
import ssl
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.httpsession import get_cert_path

from tests.benchmarks import ours
from tests.benchmarks.outside import outside
from tests.benchmarks.surroundings import AWS
from tests.benchmarks.wire import Wire
from tests.integration.sockets.certificates import Authority


@contextmanager
def reached() -> Iterator[None]:
    """Let both designs reach Coniq and AWS until the block ends."""
    with outside(programs=ours.programs_answer()) as url:
        _set(aws_url=url, provider_url=url)
        yield


@contextmanager
def reached_over_tls() -> Iterator[None]:
    """Let both designs reach AWS over TLS until the block ends."""
    authority, programs = Authority(), ours.programs_answer()
    public = Path(str(get_cert_path(True))).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        authority.server(Path(folder))
        bundle = Path(folder) / "authorities.pem"
        (known,) = authority.trust.get_ca_certs(binary_form=True)
        # As large as the one that botocore brings along: reading it is most of a new connection.
        bundle.write_text(public + ssl.DER_cert_to_PEM_cert(known), encoding="utf-8")
        os.environ["AWS_CA_BUNDLE"] = str(bundle)
        certificate = str(Path(folder) / "server.pem")
        with (
            outside(programs=programs) as provider_url,
            outside(programs=programs, certificate=certificate) as aws_url,
        ):
            _set(aws_url=aws_url, provider_url=provider_url)
            yield


def _set(*, aws_url: str, provider_url: str) -> None:
    os.environ.update(AWS, AWS_ENDPOINT_URL=aws_url, PROVIDER_URL=provider_url)
    os.environ.update(ours.environment(provider_url=provider_url))
    # Powertools writes metrics in records of a hundred, and warns when none is left at the end.
    warnings.filterwarnings("ignore", message="No application metrics to publish")


def main() -> None:
    """Measure, and print the tables, or what was found over TLS as JSON."""
    # The plain design makes its clients when it is imported, as the textbook does.
    if sys.argv[1:] == ["tls"]:
        with reached_over_tls():
            from tests.benchmarks import hot_path  # noqa: PLC0415

            sys.stdout.write(f"{json.dumps(hot_path.over_tls())}\n")
        return
    wire = Wire()
    wire.watch()
    with reached():
        from tests.benchmarks import hot_path  # noqa: PLC0415

        for line in hot_path.lines(wire):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
