"""What differs between stages, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from aws_cdk import RemovalPolicy
from aws_cdk.aws_logs import RetentionDays

from infra.account_ids import NamedAccount, check_account_ids
from infra.configuration_error import ConfigurationError
from infra.options import Domain, Network, Reserved, check_reserved, check_warm_write_units

type Arch = Literal["arm64", "x86_64"]

type Monitored = Literal["alarms", "dashboard"]

type Pausable = Literal["issuing", "polling", "webhooks"]

# The queues that are not read while it is paused. Events are fanned out all the same: the ledger
# keeps deliveries for 120 days, a queue its messages for four.
PAUSES: Mapping[Pausable, tuple[str, ...]] = {
    "issuing": ("signups",),
    "polling": ("polls",),
    "webhooks": ("deliveries", "redeliveries"),
}

type Tracing = Literal["off", "active"]

MAIN_ACCOUNT = "main"
# CloudWatch looks back for a week at most.
ALARM_HOURS = 7 * 24
# What Lambda takes for the mapping of a queue.
LEAST_CONCURRENCY, MOST_CONCURRENCY = 2, 1000
LONGEST_WINDOW = 300
ISSUANCE_DAYS = 400  # no watch lasts longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The timing chain in seconds (docs/reliability.md#timing-chain), named as the settings."""

    settle: float = 600
    answered_settle: float = 60
    between_look_ups: float = 60
    post: float = 30
    resolve_for: float = 86_400
    publish_grace: float = 60
    handover: float = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ConiqAccount(NamedAccount):
    """One brand at Coniq (docs/providers.md#coniq); its key is a secret.

    `absence_status` is 404 where `couponbus probe` saw that a look-up that finds nothing is
    answered with it; while it is None, only an empty list means that there is nothing.

    The brake stops all POSTs until `couponbus account resume`: after `brake_answers` successes in a
    row that are not understood, or when in an hour at least `brake_items` items were refused or
    came back other than requested, and are more than `brake_share` of the items sent.
    """

    base_url: str
    calls_per_second: float = 3
    batch_max: int = 200
    batch_envelope: str | None = None
    lookup: Literal["tracking_code", "customer_and_offer"] = "tracking_code"
    item_errors_trusted: bool = False
    absence_status: Literal[404] | None = None
    brake_share: float = 0.2
    brake_items: int = 20
    brake_answers: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The callbacks of an account: the tenant of its customers, and the names of the fields."""

    tenant: str = "default"
    promotion_field: str = "promotionId"
    user_field: str = "userId"


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoAccount(NamedAccount):
    """One account at Uniqodo (docs/providers.md#uniqodo); its key is a secret.

    `zone` is for times without an offset. A watch is polled at least once in
    `max_interval_hours`, unless the calls do not suffice for two polls of each watch in that time;
    the synthesis warns if they do not for `watched_customers`.
    """

    base_url: str
    prefix: Literal["publisher", "distributor"] = "publisher"
    zone: str = "Europe/London"
    calls_per_second: float = 2
    calls_per_day: int | None = None
    max_interval_hours: float = 48
    watched_customers: int | None = None
    callbacks: Callbacks = Callbacks()


@dataclass(frozen=True, slots=True, kw_only=True)
class KouponAccount(NamedAccount):
    """One account at Koupon Media (docs/providers.md#koupon-media).

    Identifier and secret are one secret of ours.
    """

    base_url: str
    timezone: str = "America/Chicago"
    skew_seconds: float = 300
    adult_offers: Literal["withheld", "for_authenticated"] = "withheld"
    calls_per_second: float = 3
    calls_per_day: int | None = None
    max_interval_hours: float = 48
    watched_customers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTenants:
    """The tenants that sign-ups of an event source may name; `webhook` is HTTP, `sqs` the queue."""

    source: str
    tenants: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusProducer:
    """A principal, the ARN of a role or an account's id, and how its event sources begin."""

    principal: str
    source_prefixes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise ConfigurationError for a producer without a source, or with one of ours."""
        if not self.source_prefixes or not all(self.source_prefixes):
            raise ConfigurationError(f"bus producer {self.principal} has no source prefix")
        for prefix in self.source_prefixes:
            if "*" in prefix or "?" in prefix or prefix.startswith("couponbus."):
                raise ConfigurationError(
                    f"bus producer {self.principal} cannot have the source prefix {prefix!r}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer(NamedAccount):
    """A sender of sign-ups over HTTP, with its path `/sign-ups/<id>`, its secret and its limit.

    `tenants` are those that it may name, any when it is empty.
    """

    tenants: tuple[str, ...] = ()
    rate: int = 50
    burst: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StageConfig:
    """The settings of a stage; AWS account and region come from the credentials instead.

    `sign_up_sources` are the event sources that may sign customers up; when it is empty every
    source may, except our own. `sign_up_tenants` are the tenants that each source may name; when
    it is empty every source may name any, otherwise one that is not in it only `default`.
    `bus_producers` may put sign-ups on the bus by its own policy; see `infra/README.md`.

    `alarm_to` are the e-mail addresses and https URLs that subscribe to alarms; a stage on AWS
    needs one. When no sign-up came for `sign_ups_expected_within_hours`, an alarm rings.
    `monitoring` is what watches the stage: this machine's engine knows no dashboard.

    `issuance_days` is for how long decided issuances are kept, None for ever: a sign-up that comes
    again after that is a new one (docs/reliability.md#retention-of-issuances).

    `concurrency` is how many batches of sign-ups are collected and handled at once, 2 or more. With
    fewer, batches are larger (docs/performance.md#batches-at-a-low-rate); the synthesis warns where
    it is far from what the calls of the accounts keep busy, `seconds_per_post` each (assumed).

    `paused` is what the stage does not do for now: its queues are not read, and keep their messages
    (infra/README.md, "Stop a part of a stage").

    `reserved` are executions that functions have for themselves; `warm_write_units` are the write
    units a second that the table takes at once. `tracing` is X-Ray's, `domain` that of the HTTP
    API, and `network` the one in which the functions run; see `infra/README.md`, "Options".

    A provider that is not polled has no account here. `clock_file` moves the time
    of a stage on this machine.
    """

    name: str
    accounts: tuple[ConiqAccount, ...]
    uniqodo_accounts: tuple[UniqodoAccount, ...]
    koupon_accounts: tuple[KouponAccount, ...]
    removal: RemovalPolicy
    log_retention: RetentionDays
    archive_days: int
    concurrency: int
    window_seconds: int
    batch_size: int = 200
    seconds_per_post: float = 0.9
    max_receives: int = 8
    poll_concurrency: int = 2
    poll_batch_size: int = 10
    poll_window_seconds: int = 2
    poll_max_receives: int = 5
    stream_retries: int = 100
    notify_concurrency: int = 2
    notify_batch_size: int = 20  # of up to ten events: at 200 endpoints it fits an invocation
    notify_window_seconds: int = 1
    deliver_concurrency: int = 30
    redeliver_concurrency: int = 5
    deliver_batch_size: int = 10
    callback_rate: int = 50
    callback_burst: int = 100
    log_level: str = "INFO"
    architecture: Arch = "arm64"
    sign_up_sources: tuple[str, ...] = ()
    sign_up_tenants: tuple[SourceTenants, ...] = ()
    bus_producers: tuple[BusProducer, ...] = ()
    producers: tuple[Producer, ...] = ()
    timing: Timing = Timing()
    alarm_to: tuple[str, ...] = ()
    sign_ups_expected_within_hours: int | None = None
    monitoring: tuple[Monitored, ...] = ("alarms", "dashboard")
    issuance_days: int | None = None
    paused: tuple[Pausable, ...] = ()
    reserved: tuple[Reserved, ...] = ()
    warm_write_units: int | None = None
    tracing: Tracing = "off"
    domain: Domain | None = None
    network: Network | None = None
    clock_file: str | None = None
    layer: str | None = None

    def __post_init__(self) -> None:
        """Raise ConfigurationError for ambiguous accounts, and for numbers out of their range."""
        hours = self.sign_ups_expected_within_hours
        if hours is not None and not 1 <= hours <= ALARM_HOURS:
            raise ConfigurationError(
                f"sign_ups_expected_within_hours is {hours}: use 1 to {ALARM_HOURS}"
            )
        if not LEAST_CONCURRENCY <= self.concurrency <= MOST_CONCURRENCY:
            raise ConfigurationError(
                f"concurrency is {self.concurrency}: use {LEAST_CONCURRENCY} to {MOST_CONCURRENCY}"
            )
        if not 1 <= self.window_seconds <= LONGEST_WINDOW:
            raise ConfigurationError(
                f"window_seconds is {self.window_seconds}: use 1 to {LONGEST_WINDOW}"
            )
        if self.seconds_per_post <= 0:
            raise ConfigurationError(
                f"seconds_per_post is {self.seconds_per_post}: use more than 0"
            )
        if self.issuance_days is not None and self.issuance_days < ISSUANCE_DAYS:
            raise ConfigurationError(
                f"issuance_days is {self.issuance_days}: use {ISSUANCE_DAYS} or more, or None to"
                " keep decided issuances for ever"
            )
        for each in self.paused:
            if each not in PAUSES:
                raise ConfigurationError(f"paused has {each!r}: use some of {', '.join(PAUSES)}")
        check_account_ids("Coniq", self.accounts)
        check_account_ids("Uniqodo", self.uniqodo_accounts)
        check_account_ids("Koupon", self.koupon_accounts)
        check_account_ids("producer", self.producers)
        check_reserved(self.reserved, needed=self.started_at_once)
        check_warm_write_units(self.warm_write_units)

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

    def reads(self, queue: str) -> bool:
        """Return whether a function reads this queue: nothing that is paused does."""
        return not any(queue in PAUSES[each] for each in self.paused)


LOCAL = StageConfig(
    name="local",
    accounts=(ConiqAccount(name=MAIN_ACCOUNT, base_url=""),),
    uniqodo_accounts=(UniqodoAccount(name=MAIN_ACCOUNT, base_url=""),),
    koupon_accounts=(KouponAccount(name=MAIN_ACCOUNT, base_url=""),),
    removal=RemovalPolicy.DESTROY,
    log_retention=RetentionDays.ONE_DAY,
    archive_days=1,
    concurrency=2,
    window_seconds=1,
    seconds_per_post=0.004,  # the simulator answers at once
    poll_window_seconds=1,
    deliver_concurrency=10,
    redeliver_concurrency=2,
    stream_retries=10,
    monitoring=(),
    # A producer of each kind, so that what holds for producers can be tried on this machine.
    bus_producers=(
        BusProducer(
            principal="arn:aws:iam::000000000000:role/couponbus-local-shop",
            source_prefixes=("shop.",),
        ),
    ),
    producers=(Producer(name="shop", tenants=("shop",), rate=1, burst=10),),
)
DEV = StageConfig(
    name="dev",
    accounts=(ConiqAccount(name=MAIN_ACCOUNT, base_url="https://api-stage.coniq.com"),),
    uniqodo_accounts=(UniqodoAccount(name=MAIN_ACCOUNT, base_url="https://api.uniqodo.com"),),
    koupon_accounts=(
        KouponAccount(name=MAIN_ACCOUNT, base_url="https://consumer.sandbox1.kouponmedia.com"),
    ),
    removal=RemovalPolicy.DESTROY,
    log_retention=RetentionDays.TWO_WEEKS,
    archive_days=7,
    concurrency=2,
    window_seconds=5,
)
PROD = replace(
    DEV,
    name="prod",
    accounts=(ConiqAccount(name=MAIN_ACCOUNT, base_url="https://api.coniq.com"),),
    koupon_accounts=(
        KouponAccount(name=MAIN_ACCOUNT, base_url="https://consumer.kouponmedia.com"),
    ),
    removal=RemovalPolicy.RETAIN,
    log_retention=RetentionDays.ONE_MONTH,
    archive_days=30,
    window_seconds=30,
    poll_concurrency=5,
    notify_concurrency=5,
)
STAGES = {stage.name: stage for stage in (DEV, PROD, LOCAL)}
