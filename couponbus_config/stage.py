"""The settings of a stage, as frozen data: the defaults, and what is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from couponbus_config.account_ids import check_account_ids
from couponbus_config.accounts import ConiqAccount, KouponAccount, UniqodoAccount
from couponbus_config.alarm_addresses import protocol_of
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.names import LOCAL
from couponbus_config.options import (
    KMS,
    Domain,
    Gradual,
    Network,
    Reserved,
    Tag,
    check_gradual,
    check_kms,
    check_reserved,
    check_tags,
    check_warm_write_units,
)
from couponbus_config.producers import BusProducer, Producer, SourceTenants
from couponbus_config.provider_hosts import check_https, check_no_production, placed
from couponbus_config.timing import Timing, check_deployed
from couponbus_config.validated import Positive, validated

type Arch = Literal["arm64", "x86_64"]
type Monitored = Literal["alarms", "dashboard"]
type Pausable = Literal["issuing", "polling", "webhooks"]
type Tracing = Literal["off", "active"]
type Removal = Literal["retain", "destroy"]
# What CloudWatch Logs knows.
type LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827]
# What Lambda takes for the mapping of a queue.
LEAST_CONCURRENCY, MOST_CONCURRENCY = 2, 1000
LONGEST_WINDOW = 300
type Concurrency = Annotated[int, Field(ge=LEAST_CONCURRENCY, le=MOST_CONCURRENCY)]
type Window = Annotated[int, Field(ge=1, le=LONGEST_WINDOW)]
AUDIT_AT = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
type Receives = Annotated[int, Field(ge=1, le=1000)]

# The queues that are not read while it is paused. Events are fanned out all the same: the ledger
# keeps deliveries for 120 days, a queue its messages for four.
PAUSES: Mapping[Pausable, tuple[str, ...]] = {
    "issuing": ("signups",),
    "polling": ("polls",),
    "webhooks": ("deliveries", "redeliveries"),
}

MAIN_ACCOUNT = "main"
# CloudWatch looks back for a week at most.
ALARM_HOURS = 7 * 24
ISSUANCE_DAYS = 400  # no watch lasts longer
AS_A_RULE = Timing()


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class StageConfig:
    """The settings of a stage; AWS account and region come from the credentials instead.

    A provider that is not polled has no account here.
    """

    name: str
    """The stage's name, which all its resources carry."""
    accounts: Annotated[tuple[ConiqAccount, ...], Field(alias="coniq")] = ()
    """The accounts at Coniq, one for each brand."""
    uniqodo_accounts: Annotated[tuple[UniqodoAccount, ...], Field(alias="uniqodo")] = ()
    """The accounts at Uniqodo that are polled."""
    koupon_accounts: Annotated[tuple[KouponAccount, ...], Field(alias="koupon")] = ()
    """The accounts at Koupon Media that are polled."""
    production: bool = False
    """Whether accounts may be those of real customers."""
    removal: Removal = "destroy"
    """Whether the data stay when the stage is deleted."""
    alarm_to: tuple[str, ...] = ()
    """E-mail addresses and https URLs that subscribe to alarms; a stage on AWS needs one."""
    sign_ups_expected_within_hours: Annotated[int, Field(ge=1, le=ALARM_HOURS)] | None = None
    """When no sign-up came for so long, an alarm rings."""
    log_days: LogDays = 14
    archive_days: Positive = 7
    """For how long the bus keeps our own events for a replay."""
    issuance_days: Annotated[int, Field(ge=ISSUANCE_DAYS)] | None = None
    """For how long decided issuances are kept, for ever without it: a sign-up that comes again
    after that is a new one (docs/reliability.md#retention-of-issuances)."""
    concurrency: Concurrency = 2
    """How many batches of sign-ups are collected and handled at once; with fewer, batches are
    larger (docs/performance.md#batches-at-a-low-rate)."""
    window_seconds: Window = 5
    """For how long a batch of sign-ups is collected."""
    batch_size: Annotated[int, Field(ge=1, le=200)] = 200
    seconds_per_post: Annotated[float, Field(gt=0)] = 0.9
    """How long a call at Coniq takes (assumed): the synthesis warns where `concurrency` is far from
    what these calls keep busy."""
    max_receives: Receives = 8
    poll_concurrency: Concurrency = 2
    poll_batch_size: Annotated[int, Field(ge=1, le=10)] = 10
    poll_window_seconds: Window = 2
    poll_max_receives: Receives = 5
    stream_retries: Annotated[int, Field(ge=0, le=10_000)] = 100
    notify_concurrency: Concurrency = 2
    notify_batch_size: Annotated[int, Field(ge=1, le=100)] = 20
    """Messages of up to ten events: at 200 endpoints it fits an invocation."""
    notify_window_seconds: Window = 1
    deliver_concurrency: Concurrency = 30
    redeliver_concurrency: Concurrency = 5
    deliver_batch_size: Annotated[int, Field(ge=1, le=10)] = 10
    callback_rate: Positive = 50
    """Requests a second on each path of the HTTP API that no producer has of its own."""
    callback_burst: Positive = 100
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    architecture: Arch = "arm64"
    sign_up_sources: tuple[str, ...] = ()
    """The event sources that may sign customers up; every source but ours when there is none."""
    sign_up_tenants: tuple[SourceTenants, ...] = ()
    """The tenants that each source may name; when there is none every source may name any,
    otherwise one that is not here only `default`."""
    bus_producers: tuple[BusProducer, ...] = ()
    """Who may put sign-ups on the bus by its own policy (`infra/README.md`)."""
    producers: tuple[Producer, ...] = ()
    """Who signs customers up over HTTP with a secret of its own."""
    timing: Timing = AS_A_RULE
    monitoring: tuple[Monitored, ...] = ("alarms", "dashboard")
    """What watches the stage; this machine's engine knows no dashboard."""
    audit_at: Annotated[str, Field(pattern=AUDIT_AT)] = "02:17"
    """When the nightly audit runs, UTC: it shares the calls a second of Coniq with new sign-ups."""
    paused: tuple[Pausable, ...] = ()
    """What the stage does not do for now: its queues are not read, and keep their messages
    (infra/README.md, "Stop a part of a stage")."""
    reserved: tuple[Reserved, ...] = ()
    """Executions that functions have for themselves (infra/README.md, "Options")."""
    warm_write_units: int | None = None
    """The write units a second that the table takes at once."""
    tracing: Tracing = "off"
    """X-Ray's."""
    kms: Annotated[str, Field(json_schema_extra={"pattern": KMS})] = "none"
    """Whose keys encrypt what is stored: `none` AWS's own, `managed` those that AWS has in your
    account, or the ARN of yours (infra/README.md, "Keys")."""
    domain: Domain | None = None
    """The domain of the HTTP API."""
    network: Network | None = None
    """The network in which the functions run."""
    gradual: Gradual = "none"
    """How a new version takes a function over (infra/README.md, "Gradual deployments")."""
    gradual_functions: tuple[str, ...] = ()
    """The functions that it is for; all when there is none."""
    tags: tuple[Tag, ...] = ()
    """Tags of its stacks, beside `product` and `stage`."""
    clock_file: str | None = None
    """A file whose number of seconds moves the time of all functions, on this machine only."""
    layer: str | None = None
    """The folder of the vendor layer that this machine's Python imports, there only."""

    def __post_init__(self) -> None:
        """Raise ConfigurationError for what contradicts itself, or cannot be deployed."""
        _check_numbers(self)
        _check_accounts(self)
        check_reserved(self.reserved, needed=self.started_at_once)
        check_warm_write_units(self.warm_write_units)
        check_tags(self.tags)
        check_gradual(
            self.gradual,
            self.gradual_functions,
            known=self.started_at_once,
            monitoring=self.monitoring,
        )
        check_kms(self.kms, certificate=self.domain.certificate if self.domain else None)
        for place, address in enumerate(self.alarm_to):
            protocol_of(address, at=("alarm_to", place))
        if self.name != LOCAL:
            _check_deployable(self)
        elif self.gradual != "none":
            raise ConfigurationError(
                f"the stage {LOCAL} has no CodeDeploy: gradual is for AWS", at=("gradual",)
            )
        elif self.kms != "none":
            raise ConfigurationError(f"the stage {LOCAL} has no keys", at=("kms",))

    @property
    def started_at_once(self) -> Mapping[str, int]:
        """Return all functions, with how many executions their queues start at once."""
        return {
            "issue_barcodes": self.concurrency,
            "publish_events": 1,
            "sweep_due": 1,
            "audit_barcodes": 1,
            "schedule_polls": 1,
            "poll_redemptions": self.poll_concurrency,
            "fan_out_webhooks": self.notify_concurrency,
            "deliver_webhooks": self.deliver_concurrency + self.redeliver_concurrency,
            "receive_callback": 1,
        }

    @property
    def shifted_gradually(self) -> tuple[str, ...]:
        """Return the functions that a new version takes over step by step."""
        if self.gradual == "none":
            return ()
        return self.gradual_functions or tuple(self.started_at_once)

    def reads(self, queue: str) -> bool:
        """Return whether a function reads this queue: nothing that is paused does."""
        return not any(queue in PAUSES[each] for each in self.paused)


def _check_numbers(stage: StageConfig) -> None:
    """Check the ranges once more, for stages that are made in code."""
    ranges: Mapping[str, tuple[int, int]] = {
        "concurrency": (LEAST_CONCURRENCY, MOST_CONCURRENCY),
        "window_seconds": (1, LONGEST_WINDOW),
        "sign_ups_expected_within_hours": (1, ALARM_HOURS),
    }
    for setting, (least, most) in ranges.items():
        value = getattr(stage, setting)
        if value is not None and not least <= value <= most:
            raise ConfigurationError(f"{setting} is {value}: use {least} to {most}", at=(setting,))
    if stage.seconds_per_post <= 0:
        raise ConfigurationError(f"seconds_per_post is {stage.seconds_per_post}: use more than 0")
    if stage.issuance_days is not None and stage.issuance_days < ISSUANCE_DAYS:
        raise ConfigurationError(
            f"issuance_days is {stage.issuance_days}: use {ISSUANCE_DAYS} or more, or None to keep"
            " decided issuances for ever"
        )
    if not re.match(AUDIT_AT, stage.audit_at):
        raise ConfigurationError(
            f"audit_at is {stage.audit_at!r}: use an hour and minute such as 02:17"
        )
    for each in stage.paused:
        if each not in PAUSES:
            raise ConfigurationError(f"paused has {each!r}: use some of {', '.join(PAUSES)}")


def _check_accounts(stage: StageConfig) -> None:
    check_account_ids("Coniq", stage.accounts, at="coniq")
    check_account_ids("Uniqodo", stage.uniqodo_accounts, at="uniqodo")
    check_account_ids("Koupon", stage.koupon_accounts, at="koupon")
    check_account_ids("producer", stage.producers, at="producers")


def _check_deployable(stage: StageConfig) -> None:
    """Check what holds on AWS only."""
    calls = [
        *placed("coniq", stage.accounts),
        *placed("uniqodo", stage.uniqodo_accounts),
        *placed("koupon", stage.koupon_accounts),
    ]
    check_https(calls)
    if not stage.production:
        check_no_production(calls, stage=stage.name)
    check_deployed(stage.timing, at="timing")
    for setting in ("clock_file", "layer"):
        if getattr(stage, setting) is not None:
            raise ConfigurationError(f"only the stage {LOCAL} has a {setting}", at=(setting,))
    if not stage.alarm_to:
        raise ConfigurationError(
            f"the alarms of stage {stage.name} have no subscriber: name an e-mail address or an"
            " https URL in alarm_to"
        )
