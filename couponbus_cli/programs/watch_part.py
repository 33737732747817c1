"""The `watch` part of a program: validate it, parse it, and write it back."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.domain.patterns.validation import Path
from couponbus.domain.polling.poll_policy import USED_UP_GRACE, Customers, PollPolicy, WatchRule
from couponbus.domain.provider import Provider
from couponbus_cli.programs import watch_fields as fields
from couponbus_cli.programs.fields import ValueRefused

RULES_MAX = 20
REQUIRED = {
    "account": "is missing: name the account, as the stage is deployed with it",
    "promotion": "is missing: the id of the promotion at Uniqodo",
}

type Fault = tuple[Path, str]
type Fields = Mapping[str, Callable[[object], object]]


def faults_of_watch(value: object, here: Path) -> Iterator[Fault]:
    """Yield all its faults."""
    if not isinstance(value, dict):
        yield here, f"needs an object with some of {', '.join(fields.KNOWN)}"
        return
    yield from _unknown(value, fields.KNOWN, here)
    given = [provider for provider in fields.RULE_FIELDS if provider in value]
    for provider in given:
        yield from _faults_of_rules(provider, value[provider], (*here, provider))
    if not given:
        yield here, f"watches nothing: give {' or '.join(fields.RULE_FIELDS)}"
    if "poll_policy" in value:
        yield from _faults_of_poll_policy(value["poll_policy"], (*here, "poll_policy"))
    yield from _wrong(value, fields.PLAIN, here)


def rules_of(value: object) -> tuple[WatchRule, ...]:
    """Return the rules of a valid part; none if there is no part."""
    if value is None:
        return ()
    part = cast("Mapping[str, object]", value)
    poll_policy = _poll_policy(cast("Mapping[str, object]", part.get("poll_policy", {})))
    grace = fields.grace(part["grace"]) if "grace" in part else fields.GRACE
    used_up_grace = (
        fields.grace(part["used_up_grace"]) if "used_up_grace" in part else USED_UP_GRACE
    )
    return tuple(
        WatchRule(
            provider=Provider(provider),
            account=item["account"],
            promotion=item.get("promotion"),
            poll_policy=poll_policy,
            grace_seconds=grace,
            warn_days=fields.warn_days(part.get("warn_days")),
            used_up_grace_seconds=used_up_grace,
            list_filter=fields.list_filter(item),
            customers=Customers(item.get("customers", Customers.ANY)),
        )
        for provider in fields.RULE_FIELDS
        for item in cast("Sequence[Mapping[str, Any]]", part.get(provider, []))
    )


def as_part(rules: Sequence[WatchRule]) -> Mapping[str, object] | None:
    """Return the part as a file would have it, every default written out."""
    if not rules:
        return None
    poll_policy, first = rules[0].poll_policy, rules[0]
    listed = {
        provider.value: [_rule(rule) for rule in rules if rule.provider is provider]
        for provider in Provider
    }
    return {
        **{provider: items for provider, items in listed.items() if items},
        "poll_policy": {
            "share": f"{poll_policy.share_permille / 10:g}%",
            "floor": fields.in_words(poll_policy.floor_seconds),
            "cap": fields.in_words(poll_policy.cap_seconds),
            "horizon": fields.in_words(poll_policy.horizon_seconds),
        },
        "grace": fields.in_words(first.grace_seconds),
        "used_up_grace": fields.in_words(first.used_up_grace_seconds),
        "warn_days": first.warn_days,
    }


def _rule(rule: WatchRule) -> Mapping[str, object]:
    named = {"account": rule.account, "promotion": rule.promotion}
    listed = dataclasses.asdict(rule.list_filter) if rule.list_filter else {}
    given = {**named, "customers": rule.customers.value, **listed}
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in given.items()
        if value not in (None, ())
    }


def _faults_of_rules(provider: str, value: object, here: Path) -> Iterator[Fault]:
    if not isinstance(value, list) or not 0 < len(value) <= RULES_MAX:
        named = _listed(fields.RULE_FIELDS[provider])
        yield here, f"needs a list of 1 to {RULES_MAX} objects with {named}"
        return
    seen: list[object] = []
    for index, item in enumerate(value):
        yield from _faults_of_rule(fields.RULE_FIELDS[provider], item, (*here, index))
        place = _place(item)
        if place in seen:
            yield (*here, index), "is listed twice"
        seen.append(place)


def _place(item: object) -> object:
    """Return where a rule watches: a second rule for the same place would be lost."""
    return [item.get(key) for key in REQUIRED] if isinstance(item, dict) else item


def _faults_of_rule(known: Fields, item: object, here: Path) -> Iterator[Fault]:
    if not isinstance(item, dict):
        yield here, f"needs an object with {_listed(known)}"
        return
    yield from _unknown(item, tuple(known), here)
    for key in known:
        if key not in item and key in REQUIRED:
            yield (*here, key), REQUIRED[key]
    wrong = list(_wrong(item, known, here))
    yield from wrong
    if not wrong:
        try:
            fields.list_filter(item)
        except ValueRefused as too_long:
            yield here, str(too_long)


def _faults_of_poll_policy(value: object, here: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield here, f"needs an object with some of {', '.join(fields.POLICY_FIELDS)}"
        return
    yield from _unknown(value, tuple(fields.POLICY_FIELDS), here)
    wrong = list(_wrong(value, fields.POLICY_FIELDS, here))
    yield from wrong
    if not wrong:
        try:
            _poll_policy(value)
        except ConfigurationInvalid as impossible:
            yield here, str(impossible).removeprefix("poll_policy: ")


def _poll_policy(value: Mapping[str, object]) -> PollPolicy:
    usual = PollPolicy()
    read = {
        key: fields.POLICY_FIELDS[key](given)
        for key, given in value.items()
        if key in fields.POLICY_FIELDS
    }
    return PollPolicy(
        share_permille=read.get("share", usual.share_permille),
        floor_seconds=read.get("floor", usual.floor_seconds),
        cap_seconds=read.get("cap", usual.cap_seconds),
        horizon_seconds=read.get("horizon", usual.horizon_seconds),
    )


def _unknown(item: Mapping[str, object], known: Sequence[str], here: Path) -> Iterator[Fault]:
    for key in item:
        if key not in known:
            yield (*here, key), f"unknown field; there are {', '.join(known)}"


def _wrong(item: Mapping[str, object], known: Fields, here: Path) -> Iterator[Fault]:
    for key in known:
        if key not in item:
            continue
        try:
            known[key](item[key])
        except ValueRefused as wrong:
            yield (*here, key), str(wrong)


def _listed(known: Fields) -> str:
    return " and ".join(key for key in known if key in REQUIRED)
