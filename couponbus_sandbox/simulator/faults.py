"""The fault switchboard: which call meets which fault, by count, rate and order of arrival."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from couponbus_sandbox.simulator.exchange import Call
from couponbus_sandbox.simulator.provider_api import ProviderApi
from couponbus_sandbox.simulator.wordings import Wording


class FaultKind(StrEnum):
    """The kinds of faults; couponbus_sandbox/README.md describes each one."""

    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_ACCEPTABLE = "406"
    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    GATEWAY_TIMEOUT = "504"
    SLOW = "slow"
    DRIP = "drip"
    RESET_BEFORE_COMMIT = "reset_before_commit"
    RESET_AFTER_COMMIT = "reset_after_commit"
    COMMIT_THEN_DROP = "commit_then_drop"
    LATE_COMMIT = "late_commit"
    TRUNCATED_JSON = "truncated_json"
    HTML = "html"
    K_OF_N = "k_of_n"
    SHORT = "short"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    FOREIGN = "foreign"
    POISON = "poison"
    REDIRECT = "redirect"
    ALTERED = "altered"
    ANSWER = "answer"
    INTERIM = "interim"


BATCH_KINDS = frozenset(
    {
        FaultKind.K_OF_N,
        FaultKind.SHORT,
        FaultKind.REORDERED,
        FaultKind.DUPLICATED,
        FaultKind.FOREIGN,
    }
)
BATCH_ROUTE = "POST /barcode/batch"
EVERY_ROUTE = "*"
FINAL = 200
LONGEST_SECONDS = 10**9


def _as_text(kind: object) -> object:
    return str(kind) if isinstance(kind, int) else kind


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """One fault and the calls that meet it; what is left out does not restrict.

    `after` calls pass first; then it fires for each matching call, but at most `count` times
    and, with `rate`, by chance: the same seed gives the same choice. `seconds` is a delay (per
    byte for drip), `items` a number of items, `commit` whether the work is done all the same,
    `text` the text of an error in place of JSON, `wording` its form, `settings` the settings
    that are altered for the call.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Annotated[FaultKind, BeforeValidator(_as_text)]
    route: str | None = None
    account: str | None = None
    customer_id: int | None = None
    after: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1)] | None = None
    rate: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: int = 0
    status: Annotated[int, Field(ge=102, le=599)] | None = None
    seconds: Annotated[float, Field(ge=0, le=LONGEST_SECONDS)] = 1.0
    retry_after: Annotated[float, Field(ge=0, le=LONGEST_SECONDS)] | None = None
    retry_after_as: Literal["seconds", "date", "garbage"] = "seconds"
    commit: bool = False
    answer: Literal["504", "drop"] = "504"
    framing: Literal["whole", "short"] = "whole"
    items: Annotated[int, Field(ge=0)] = 1
    location: str = "/elsewhere"
    text: str | None = None
    wording: Wording = Wording.GATEWAY
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind == FaultKind.POISON and self.customer_id is None:
            raise ValueError("a poison rule needs a customer_id")
        interim = self.kind == FaultKind.INTERIM
        if self.status is not None and (self.status < FINAL) != interim:
            raise ValueError("an interim rule has a status below 200, and no other has one")

    @property
    def matcher(self) -> str:
        """The route that the rule matches; faults of a batch match the batch route alone."""
        if self.route is not None:
            return self.route
        return BATCH_ROUTE if self.kind in BATCH_KINDS else EVERY_ROUTE


class ArmedRule:
    """A rule with its counts."""

    def __init__(self, rule: FaultRule) -> None:
        self.rule = rule
        self.seen = 0
        self.fired = 0
        self._chance = random.Random(rule.seed)  # noqa: S311 - repeatable on purpose

    def shuffler(self) -> random.Random:
        """Return a random generator that depends on the seed and on this firing alone."""
        return random.Random(f"{self.rule.seed}/{self.fired}")  # noqa: S311 - as above

    def wants(self) -> bool:
        """Count a matching call and return whether the rule would fire for it."""
        self.seen += 1
        if self.seen <= self.rule.after:
            return False
        # Drawn for every call, so that the choice does not depend on the other rules.
        chosen = self.rule.rate is None or self._chance.random() < self.rule.rate
        return chosen and (self.rule.count is None or self.fired < self.rule.count)

    def report(self) -> dict[str, object]:
        """Return the rule and its counts, ready for JSON."""
        return {**asdict(self.rule), "seen": self.seen, "fired": self.fired}


class Faults:
    """The rules in force; where several match a call, the first of the list fires."""

    def __init__(self) -> None:
        self._rules: list[ArmedRule] = []
        self.fired: dict[str, int] = {}

    def add(self, rules: Iterable[FaultRule]) -> None:
        """Put further rules behind those in force."""
        self._rules += [ArmedRule(rule) for rule in rules]

    def clear(self) -> None:
        """Take all rules out of force; the counts by kind stay."""
        self._rules.clear()

    def reset(self) -> None:
        """Forget the rules and the counts."""
        self.clear()
        self.fired.clear()

    def choose(self, call: Call, *, api: ProviderApi) -> ArmedRule | None:
        """Return the rule that fires for this call, if one does, and count it."""
        wanting = [armed for armed in self._rules if _matches(armed.rule, call, api=api)]
        firing = [armed for armed in wanting if armed.wants()]
        if not firing:
            return None
        kind = str(firing[0].rule.kind)
        firing[0].fired += 1
        self.fired[kind] = self.fired.get(kind, 0) + 1
        return firing[0]

    def report(self) -> list[dict[str, object]]:
        """Return the rules in force with their counts, ready for JSON."""
        return [armed.report() for armed in self._rules]


def _matches(rule: FaultRule, call: Call, *, api: ProviderApi) -> bool:
    if not _route_matches(rule.matcher, api.route(call)):
        return False
    if rule.account is not None and rule.account != api.account(call):
        return False
    return rule.customer_id is None or rule.customer_id in _customers(call, api=api)


def _route_matches(matcher: str, route: str) -> bool:
    if matcher.endswith(EVERY_ROUTE):
        return route.startswith(matcher.removesuffix(EVERY_ROUTE))
    return matcher == route


def _customers(call: Call, *, api: ProviderApi) -> set[int]:
    named = (item.get("customer_id") for item in api.items(call) if isinstance(item, dict))
    return {int(text) for text in map(str, named) if text.isdecimal()}
