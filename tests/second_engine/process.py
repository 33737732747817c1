"""Starts and stops LocalStack's core in host mode: no Docker, no network, one port of 127.0.0.1."""

import contextlib
import datetime
import os
from collections.abc import Iterator
from pathlib import Path

from couponbus_sandbox.engine.access import Access
from couponbus_sandbox.engine.certificate import Certificate, self_signed
from couponbus_sandbox.engine.process import (
    HOST,
    REGION,
    ROOT,
    EngineFailed,
    free_port,
    scratch_folder,
    serving,
)

PYTHON = ROOT / ".venv-localstack" / "bin" / "python"
READY = ROOT / ".venv-localstack" / ".ready"
PACKAGES = "tests/second_engine/requirements.txt"
SERVICES = (
    "cloudformation",
    "cloudwatch",
    "events",
    "iam",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "sts",
)


def missing() -> str | None:
    """Return what is to be installed before the second engine can run, None if nothing."""
    if READY.exists():
        return None
    return f"the packages of {PACKAGES} are not installed (.venv-localstack): run `make setup`"


@contextlib.contextmanager
def second_engine() -> Iterator[Access]:
    """Run the second engine, and yield how to reach it.

    Raise EngineFailed when it is not installed, ends early or is not healthy in time.
    """
    if lacking := missing():
        raise EngineFailed(lacking)
    with scratch_folder() as directory:
        now = datetime.datetime.now(datetime.UTC)
        certificate = self_signed(directory=directory, now=now)
        url = f"https://{HOST}:{free_port()}"
        with serving(
            [str(PYTHON), "-P", "-m", "tests.second_engine.launcher"],
            environment=_environment(directory=directory, certificate=certificate, url=url),
            log=directory / "engine.log",
            health=f"{url}/_localstack/health",
            ca_bundle=certificate.certificate,
        ) as pid:
            yield Access(
                endpoint_url=url,
                region=REGION,
                ca_bundle=certificate.certificate,
                log=directory / "engine.log",
                pid=pid,
            )


def _environment(*, directory: Path, certificate: Certificate, url: str) -> dict[str, str]:
    """Return the engine's environment, which has nothing of the caller's but its libraries."""
    both = directory / "both.pem"
    both.write_bytes(certificate.key.read_bytes() + certificate.certificate.read_bytes())
    libraries = os.environ.get("LD_LIBRARY_PATH")
    here = url.removeprefix("https://")
    return {
        **({"LD_LIBRARY_PATH": libraries} if libraries else {}),
        "PYTHONPATH": str(ROOT),
        "PATH": os.defpath,
        "HOME": str(directory),
        "TMPDIR": str(directory),
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "AWS_DEFAULT_REGION": REGION,
        "GATEWAY_LISTEN": here,
        # The other server that it knows needs a compiled reactor.
        "GATEWAY_SERVER": "hypercorn",
        # It looks names up that end with this one.
        "LOCALSTACK_HOST": here.replace(HOST, "localhost"),
        "SQS_ENDPOINT_STRATEGY": "path",
        "SERVICES": ",".join(SERVICES),
        "STRICT_SERVICE_LOADING": "1",
        "CUSTOM_SSL_CERT_PATH": str(both),
        # Each of these would be a call out.
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DISABLE_EVENTS": "1",
        "DNS_ADDRESS": "0",
    }
