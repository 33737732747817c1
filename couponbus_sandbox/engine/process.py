"""Starts and stops the engine: one process group on a free port of 127.0.0.1."""

import contextlib
import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.certificate import Certificate, self_signed
from couponbus_sandbox.engine.collectors import FIRST_COLLECTORS

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-engine" / "bin" / "python"
HOST = "127.0.0.1"
REGION = "eu-west-1"
START_SECONDS = 30.0
STOP_SECONDS = 0.5
REMOVE_SECONDS = 5.0  # a process that was killed may write until a busy kernel ends it
LOG_TAIL = 4000


class EngineFailed(Exception):
    """The engine did not start; the message ends with the tail of its log."""


@contextlib.contextmanager
def engine(
    *,
    region: str = REGION,
    clock_file: Path | None = None,
    collectors: int = FIRST_COLLECTORS,
) -> Iterator[Access]:
    """Run an engine with TLS and IAM enforced, and yield how to reach it.

    Metrics, alarms and logs are in the time that the clock file says, all else in the machine's.
    Of each queue so many pollers collect batches, at most as many as its mapping runs at once.
    Raise EngineFailed when it is not installed, ends early or is not healthy in time.
    """
    if not PYTHON.exists():
        raise EngineFailed("the engine's environment is missing: run `make setup`")
    with scratch_folder() as directory:
        now = datetime.datetime.now(datetime.UTC)
        certificate = self_signed(directory=directory, now=now)
        port = free_port()
        environment = _environment(
            directory=directory,
            certificate=certificate,
            port=port,
            region=region,
            clock_file=clock_file,
            collectors=collectors,
        )
        with serving(
            [str(PYTHON), "-m", "couponbus_sandbox.engine.launcher"],
            environment=environment,
            log=directory / "engine.log",
            health=f"https://{HOST}:{port}/_ministack/health",
            ca_bundle=certificate.certificate,
        ) as pid:
            yield Access(
                endpoint_url=f"https://{HOST}:{port}",
                region=region,
                ca_bundle=certificate.certificate,
                log=directory / "engine.log",
                pid=pid,
            )


@contextlib.contextmanager
def serving(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    health: str,
    ca_bundle: Path,
) -> Iterator[int]:
    """Run a server in a process group of its own, and yield its id once it answers at `health`.

    The server ends with its parent by reading its standard input, which stays open.
    Raise EngineFailed when it ends early or does not answer in time.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own launcher
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_healthy(process, health=health, ca_bundle=ca_bundle, log=log)
        yield process.pid
    finally:
        _stop(process)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a new folder, and remove it in the end although a process may still write into it."""
    folder = Path(tempfile.mkdtemp(prefix="couponbus-"))
    try:
        yield folder
    finally:
        deadline = time.monotonic() + REMOVE_SECONDS
        while folder.exists() and time.monotonic() < deadline:
            shutil.rmtree(folder, ignore_errors=True)


def _environment(
    *,
    directory: Path,
    certificate: Certificate,
    port: int,
    region: str,
    clock_file: Path | None,
    collectors: int,
) -> dict[str, str]:
    """Return the engine's environment; its workers inherit it, so it has nothing of the caller's.

    The exception is the variables with which the interpreter itself was loaded.
    """
    libraries = os.environ.get("LD_LIBRARY_PATH")
    return {
        **({"LD_LIBRARY_PATH": libraries} if libraries else {}),
        **({"ENGINE_CLOCK_FILE": str(clock_file)} if clock_file else {}),
        "ENGINE_COLLECTORS": str(collectors),
        "PATH": os.defpath,
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": region,
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(certificate.certificate),
        "MINISTACK_SSL_KEY": str(certificate.key),
        "AWS_CA_BUNDLE": str(certificate.certificate),
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # What the Lambda runtime sets and MiniStack leaves out.
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }


def free_port() -> int:
    """Return a port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(
    process: subprocess.Popen[bytes], *, health: str, ca_bundle: Path, log: Path
) -> None:
    trust = ssl.create_default_context(cafile=str(ca_bundle))
    # No proxy: it would look for the engine on its own machine.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EngineFailed(f"the engine ended early:\n{_tail(log)}")
        with contextlib.suppress(OSError):
            opener.open(health, timeout=1).close()
            return
        time.sleep(0.02)
    raise EngineFailed(f"the engine was not healthy after {START_SECONDS:.0f} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-LOG_TAIL:]


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the engine, then the rest of its process group: a worker may still run a handler."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
