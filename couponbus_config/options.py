"""What a stage may have beside its defaults: capacity, tracing, a domain, a network, a key."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.validated import validated

type Gradual = Literal["none", "canary", "linear"]

ARN = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+")
KEY_ID = "mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
KMS = rf"^(none|managed|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{{12}}:key/({KEY_ID}))$"
DOMAIN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
SUBNET = re.compile(r"subnet-([0-9a-f]{8}|[0-9a-f]{17})")
SECURITY_GROUP = re.compile(r"sg-([0-9a-f]{8}|[0-9a-f]{17})")
COLD_WRITE_UNITS = 4_000  # what a new on-demand table takes at once
# More than that in a table is a quota that only AWS raises.
MOST_WRITE_UNITS = 40_000
SECURITY_GROUPS = 5
TAG_KEY = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}", re.ASCII)
TAG_VALUE = re.compile(r"[\w .:/=+@-]{1,256}", re.ASCII)
OWN_TAGS = ("product", "stage")
MOST_TAGS = 40  # of 50 that CloudFormation takes
SUBNETS = 16


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Executions that a function has for itself, and never more than those."""

    function: str
    executions: int


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A domain of your own for the HTTP API, with its certificate in the region of the stage.

    AWS's own address of the API answers no more once there is one.
    """

    name: str
    certificate: str

    def __post_init__(self) -> None:
        """Raise ConfigurationError for what is no domain, or no certificate."""
        if not DOMAIN.fullmatch(self.name):
            raise ConfigurationError(f"domain is {self.name!r}: use a name such as api.example.com")
        if not ARN.fullmatch(self.certificate):
            raise ConfigurationError(
                f"the certificate of {self.name} is {self.certificate!r}: use the ARN that"
                " Certificate Manager shows"
            )


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Subnets and security groups of yours, in which all functions run."""

    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise ConfigurationError for an id that is none, and for too few or too many."""
        _ids("subnet", self.subnets, SUBNET, most=SUBNETS)
        _ids("security group", self.security_groups, SECURITY_GROUP, most=SECURITY_GROUPS)


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A tag of all stacks, and by that of what is in them."""

    key: str
    value: str


def check_reserved(reserved: tuple[Reserved, ...], *, needed: Mapping[str, int]) -> None:
    """Raise ConfigurationError if a function is unknown, named twice, or has too few.

    `needed` are all functions with the executions that their queues start at once.
    """
    names = [each.function for each in reserved]
    for each in reserved:
        if each.function not in needed:
            raise ConfigurationError(
                f"reserved names {each.function!r}: use one of {', '.join(sorted(needed))}"
            )
        if names.count(each.function) > 1:
            raise ConfigurationError(f"reserved names {each.function} twice")
        if each.executions < needed[each.function]:
            raise ConfigurationError(
                f"{each.executions} executions are reserved for {each.function}, and its queues"
                f" start {needed[each.function]} at once: reserve as many"
            )


def check_gradual(
    gradual: Gradual,
    functions: tuple[str, ...],
    *,
    known: Collection[str],
    monitoring: Collection[str],
) -> None:
    """Raise ConfigurationError for an unknown function, and where no alarm ends a deployment."""
    for place, each in enumerate(functions):
        if each not in known:
            raise ConfigurationError(
                f"gradual_functions has {each!r}: use some of {', '.join(sorted(known))}",
                at=("gradual_functions", place),
            )
    if gradual != "none" and "alarms" not in monitoring:
        raise ConfigurationError(
            f"gradual is {gradual}, and without the alarms of monitoring no deployment would end"
            " when a new version fails",
            at=("gradual",),
        )


def check_warm_write_units(units: int | None) -> None:
    """Raise ConfigurationError for less than a new table has, or more than a quota allows."""
    if units is not None and not COLD_WRITE_UNITS <= units <= MOST_WRITE_UNITS:
        raise ConfigurationError(
            f"warm_write_units is {units}: use {COLD_WRITE_UNITS} to {MOST_WRITE_UNITS}, or None"
        )


def check_tags(tags: tuple[Tag, ...]) -> None:
    """Raise ConfigurationError for too many, one that comes twice, and one that AWS refuses."""
    keys = [each.key for each in tags]
    if len(tags) > MOST_TAGS:
        raise ConfigurationError(f"{len(tags)} tags: use {MOST_TAGS} at most", at=("tags",))
    for place, each in enumerate(tags):
        if not (TAG_KEY.fullmatch(each.key) and TAG_VALUE.fullmatch(each.value)):
            raise ConfigurationError(
                f"the tag {each.key!r} with the value {each.value!r} is none: use letters, digits,"
                " blanks and _.:/=+@- , and no key that begins with aws:",
                at=("tags", place),
            )
        if keys.count(each.key) > 1 or each.key in OWN_TAGS:
            raise ConfigurationError(
                f"the tag {each.key} comes twice: {' and '.join(OWN_TAGS)} are set for each stage",
                at=("tags", place),
            )


def check_kms(kms: str, *, certificate: str | None) -> None:
    """Raise ConfigurationError for what is no key, or one that is not where the stage is.

    Of that place a stage knows nothing but where the certificate of its domain lies.
    """
    if not re.fullmatch(KMS, kms):
        raise ConfigurationError(
            f"kms is {kms!r}: use none, managed, or the ARN of a key (an alias may come to name"
            " another one), such as"
            " arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012",
            at=("kms",),
        )
    if not is_key(kms) or certificate is None:
        return
    for what, here, there in zip(
        ("region", "account"), _place(kms), _place(certificate), strict=True
    ):
        if here != there:
            raise ConfigurationError(
                f"kms names a key of the {what} {here}, and the certificate of the domain is of"
                f" {there}: use a key of the stage's own {what}",
                at=("kms",),
            )


def is_key(kms: str) -> bool:
    """Tell whether it names a key, and not who has the keys."""
    return kms.startswith("arn:")


def region_of(arn: str) -> str:
    """Return the region that an ARN names."""
    return _place(arn)[0]


def _place(arn: str) -> tuple[str, str]:
    _, _, _, region, account, _ = arn.split(":", 5)
    return region, account


def _ids(what: str, ids: tuple[str, ...], pattern: re.Pattern[str], *, most: int) -> None:
    if not 1 <= len(ids) <= most:
        raise ConfigurationError(f"a network has {len(ids)} {what}s: use 1 to {most}")
    for each in ids:
        if not pattern.fullmatch(each):
            raise ConfigurationError(f"{each!r} is no id of a {what}")
