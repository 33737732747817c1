"""A stage: the names of its resources, and the AWS clients that reach them."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from couponbus.aws.clock import MovedClock, SystemClock
from couponbus.aws.shared_trust import SharedTrust
from couponbus_cli.app.aws_settings import caller_session, refuse_loopback
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.names import LOCAL, PRODUCT, Names

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.config import Config
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

    from couponbus.ports.shared import Clock

CONFIG = "COUPONBUS_CONFIG"
UP_FILE = Path(".couponbus") / "up.json"
# A search reads much before it answers, and AWS allows few a second for an account.
SEARCHING: Mapping[str, object] = {
    "read_timeout": 30,
    "retries": {"total_max_attempts": 8, "mode": "standard"},
}
REACHES = ("endpoint_url", "region", "aws_access_key_id", "aws_secret_access_key", "ca_bundle")


class Stage(str):
    """The name of a deployment, and the names of its resources; `local` is the one of `make up`.

    `log_days` is for how long it keeps its logs, None where no file says so.
    """

    LOCAL: ClassVar["Stage"]
    names: Names
    log_days: int | None

    def __new__(
        cls, name: str, *, installation: str = PRODUCT, log_days: int | None = None
    ) -> Self:
        """Return the stage of an installation."""
        stage = super().__new__(cls, name)
        stage.names = Names(stage=name, installation=installation)
        stage.log_days = log_days
        return stage


Stage.LOCAL = Stage(LOCAL, log_days=1)


def stage_named(name: str, *, environment: Mapping[str, str]) -> Stage:
    """Return the stage of that name in the file that describes the installation, if there is one.

    Without a file it is a stage of the installation `couponbus`. Raises ConfigurationError.
    """
    if name == LOCAL:
        return Stage.LOCAL
    # Validating the file costs a part of a start, which only a stage on AWS needs.
    from couponbus_config.file import DEFAULT_FILE, STAGE, read_installation  # noqa: PLC0415

    given = environment.get(CONFIG)
    if given or DEFAULT_FILE.exists():
        installation = read_installation(Path(given) if given else DEFAULT_FILE)
        described = installation.stage(name)
        return Stage(name, installation=installation.name, log_days=described.log_days)
    if not STAGE.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is no stage: use 1 to 20 small letters, digits, hyphens"
        )
    return Stage(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A stage and the AWS session that reaches it; credentials stay inside the session."""

    stage: Stage
    session: "boto3.Session"
    endpoint_url: str | None = None
    ca_bundle: str | None = None
    clock_file: str | None = None
    trust: SharedTrust = field(default_factory=SharedTrust, repr=False, compare=False)

    @property
    def clock(self) -> "Clock":
        """Return the clock that the stage's functions use."""
        return MovedClock(file=Path(self.clock_file)) if self.clock_file else SystemClock()

    @property
    def table(self) -> str:
        """Return the name of the ledger."""
        return self.stage.names.base

    def part(self, name: str) -> str:
        """Return the physical name of a queue or a function."""
        return self.stage.names.of(name)

    def secret(self, name: str) -> str:
        """Return the name of a secret."""
        return self.stage.names.secret(name)

    def dynamodb(self) -> "DynamoDBClient":
        """Return the client of the ledger."""
        return cast("DynamoDBClient", self._client("dynamodb"))

    def sqs(self) -> "SQSClient":
        """Return the client of the queues."""
        return cast("SQSClient", self._client("sqs"))

    def secrets(self) -> "SecretsManagerClient":
        """Return the client of the secrets."""
        return cast("SecretsManagerClient", self._client("secretsmanager"))

    def functions(self) -> "LambdaClient":
        """Return the client of the functions."""
        return cast("LambdaClient", self._client("lambda"))

    def logs(self) -> "CloudWatchLogsClient":
        """Return the client of the logs."""
        return cast("CloudWatchLogsClient", self._client("logs", **SEARCHING))

    def log_group(self, function: str) -> str:
        """Return the name of the log group of a function."""
        return self.stage.names.log_group(function)

    def cloudwatch(self) -> "CloudWatchClient":
        """Return the client of the metrics and alarms."""
        return cast("CloudWatchClient", self._client("cloudwatch"))

    def stacks(self) -> "CloudFormationClient":
        """Return the client of the stacks."""
        return cast("CloudFormationClient", self._client("cloudformation"))

    def parameters(self) -> "SSMClient":
        """Return the client of the parameters."""
        return cast("SSMClient", self._client("ssm"))

    def identity(self) -> "STSClient":
        """Return the client that says whose the credentials are."""
        return cast("STSClient", self._client("sts"))

    def other(self, service: str) -> "BaseClient":
        """Return the client of a service whose calls have no types here."""
        return self._client(service)

    def _client(self, service: str, **settings: object) -> "BaseClient":
        """Return a client of the stage. Raises Failed if it would reach another one."""
        make = cast("Callable[..., BaseClient]", self.session.client)
        client = make(
            service,
            config=_configuration(**settings),
            endpoint_url=self.endpoint_url,
            verify=self.ca_bundle,
        )
        self.trust.share_with(client)
        if self.stage != Stage.LOCAL:
            refuse_loopback(client, stage=self.stage, environment=os.environ)
        return client


def target_of(stage: Stage, *, up_file: Path = UP_FILE) -> Target:
    """Return how to reach a stage. Raises Failed when the local one is not up."""
    if stage != Stage.LOCAL:
        return Target(stage=stage, session=caller_session(os.environ))
    reach = _reach(up_file)
    # boto3 is a quarter of a start, which a help and a mistyped option need not wait for.
    import boto3  # noqa: PLC0415

    from couponbus.aws.loopback import loopback_session  # noqa: PLC0415

    session = loopback_session(
        access_key_id=reach["aws_access_key_id"],
        secret_access_key=reach["aws_secret_access_key"],
        region=reach["region"],
    )
    installation = reach.get("installation", PRODUCT)
    return Target(
        stage=Stage(LOCAL, installation=installation, log_days=stage.log_days),
        session=boto3.Session(botocore_session=session),
        endpoint_url=reach["endpoint_url"],
        ca_bundle=reach["ca_bundle"] or None,
        clock_file=reach.get("clock_file"),
    )


def _reach(up_file: Path) -> Mapping[str, str]:
    try:
        read: object = json.loads(up_file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        text = f"the local stage is not up (no {up_file}): run `make up`, or choose a --stage"
        raise Failed(text, kind="unreachable", code=UNREACHABLE) from None
    except (OSError, ValueError):
        read = None
    if not isinstance(read, dict) or not all(isinstance(read.get(k), str) for k in REACHES):
        text = f"{up_file} cannot be read: stop `make up` and start it again"
        raise Failed(text, kind="unreachable", code=UNREACHABLE)
    return cast("Mapping[str, str]", read)


def _configuration(**settings: Any) -> "Config":
    # An operator waits, so the functions' timeouts apply; botocore validates parameters as well.
    from botocore.config import Config  # noqa: PLC0415

    from couponbus.aws.clients import configuration  # noqa: PLC0415

    return configuration().merge(Config(parameter_validation=True, **settings))
