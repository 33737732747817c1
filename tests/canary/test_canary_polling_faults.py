"""The polled providers fail in every way with any answer, and nothing leaks."""

import json
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import pytest

from couponbus_sandbox.koupon.api import ALL
from couponbus_sandbox.simulator.faults import FaultKind, FaultRule
from couponbus_sandbox.uniqodo.api import QUERY_ROUTE
from tests.canary import planted
from tests.canary.polling import PollingCanaryHarness
from tests.thorough import amount

LIST_ROUTE = f"GET {ALL}"
REFUSED = (
    FaultKind.UNAUTHORIZED,
    FaultKind.FORBIDDEN,
    FaultKind.NOT_ACCEPTABLE,
    FaultKind.RATE_LIMITED,
    FaultKind.SERVER_ERROR,
    FaultKind.BAD_GATEWAY,
    FaultKind.UNAVAILABLE,
    FaultKind.GATEWAY_TIMEOUT,
    FaultKind.REDIRECT,
)
SILENT = (
    FaultKind.SLOW,
    FaultKind.DRIP,
    FaultKind.RESET_BEFORE_COMMIT,
    FaultKind.RESET_AFTER_COMMIT,
    FaultKind.COMMIT_THEN_DROP,
    FaultKind.LATE_COMMIT,
)
STRANGE = (
    FaultKind.TRUNCATED_JSON,
    FaultKind.HTML,
    FaultKind.K_OF_N,
    FaultKind.SHORT,
    FaultKind.REORDERED,
    FaultKind.DUPLICATED,
    FaultKind.FOREIGN,
    FaultKind.ALTERED,
    FaultKind.ANSWER,
    FaultKind.INTERIM,
)
# It blames one of several customers, but each of these calls is about one.
CANNOT_BE = (FaultKind.POISON,)
ACCOUNTS = (
    ("--provider", "uniqodo", "--account", "main"),
    ("--provider", "koupon", "--account", "main"),
)
ALTERED = {QUERY_ROUTE: {"errors": "missing"}, LIST_ROUTE: {"offer_id": "string"}}
CALL_TIMEOUT = timedelta(seconds=0.3)  # of a poll, in real time
LONG_ENOUGH = 2.0  # hours, until nearly every watch was due and no circuit breaker is open
ROUNDS = 3  # until each provider was asked while it failed: watches are due by their ids


def trouble(kind: FaultKind, route: str) -> FaultRule:
    return FaultRule(
        kind=kind,
        route=route,
        seconds=0.002 if kind is FaultKind.DRIP else 2,
        retry_after=1.0,
        settings=ALTERED[route] if kind is FaultKind.ALTERED else {},
    )


def poll_under_faults(harness: PollingCanaryHarness, kind: FaultKind) -> int:
    """Poll first and again while both providers fail, and return the number of failures."""
    harness.uniqodo.faults(trouble(kind, QUERY_ROUTE))
    harness.koupon.faults(trouble(kind, LIST_ROUTE))
    for _ in range(ROUNDS):
        harness.plan(hours=LONG_ENOUGH)
        harness.poll(harness.naming(harness.customer()), *harness.taken("POLLS_QUEUE_URL"))
        if failures(harness, kind):
            break
    harness.uniqodo.clear_faults()
    harness.koupon.clear_faults()
    if "PAUSE" in harness.kinds():
        for account in ACCOUNTS:
            harness.command("watch", "resume", *account)
    return failures(harness, kind)


def failures(harness: PollingCanaryHarness, kind: FaultKind) -> int:
    """Return how often each of both providers failed in this way at least."""
    states = (harness.uniqodo.state, harness.koupon.state)
    return min(state.faults_fired.get(kind, 0) for state in states)


@pytest.mark.thorough
@pytest.mark.parametrize("kinds", [STRANGE, REFUSED, SILENT][: amount(3, few=1)])
def test_nothing_leaks_whatever_the_providers_do(
    polling: PollingCanaryHarness, monkeypatch: pytest.MonkeyPatch, kinds: Sequence[FaultKind]
) -> None:
    polling.watched(polling.customer())
    if kinds is SILENT:
        monkeypatch.setattr("couponbus.usecases.polling.fetch.CALL_TIMEOUT", CALL_TIMEOUT)

    fired = {kind: poll_under_faults(polling, kind) for kind in kinds}
    polling.poll_again()

    assert all(fired.values()), fired
    assert polling.hits() == []


def test_each_fault_was_tried() -> None:
    assert {*REFUSED, *SILENT, *STRANGE, *CANNOT_BE} == set(FaultKind)


def test_nothing_leaks_of_what_a_provider_repeats_of_a_question(
    polling: PollingCanaryHarness,
) -> None:
    ann = polling.customer()
    polling.poll(polling.naming(ann))
    secrets = {
        polling.uniqodo: (planted.UNIQODO_KEY, ann.uniqodo_user),
        polling.koupon: (
            planted.KOUPON_IDENTIFIER,
            planted.KOUPON_SECRET,
            ann.koupon_consumer,
            planted.TELEPHONE,
        ),
    }

    for sandbox, known in secrets.items():
        for secret in known:
            said = [secret, secret.upper(), secret.lower(), quote(secret, safe=""), f"/v2/{secret}"]
            for text in ("; ".join(said), json.dumps({"message": said})):
                sandbox.faults(FaultRule(kind=FaultKind.NOT_ACCEPTABLE, count=1, text=text))
    keys = [row["pk"]["S"] for row in polling.rows() if str(row["pk"]["S"]).startswith("WATCH#")]
    for _ in range(8):
        polling.poll(json.dumps({"type": "ContinueWork", "keys": keys}))

    repeated = (polling.uniqodo.state.faults_fired, polling.koupon.state.faults_fired)
    assert [fired[FaultKind.NOT_ACCEPTABLE] for fired in repeated] == [4, 8]
    assert any("koupon_refused" in text for text in polling.observer.seen["logs"])
    assert polling.hits() == []
