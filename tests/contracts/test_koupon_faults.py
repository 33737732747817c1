"""Each Koupon fault is reported with what the caller can do, and no doubtful answer is trusted."""

from collections.abc import Iterator

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
)
from couponbus.domain.polling.offer import OfferList
from couponbus.providers.koupon.client import KouponOffers
from couponbus_sandbox.koupon import (
    Access,
    FaultKind,
    FaultRule,
    KouponSandbox,
    KouponSettings,
    koupon_server,
)
from tests.unit.providers.koupon.asking import CLOCK, SECRET, RotatingSecrets, client

WRONG = '{"identifier": "test-identifier", "secret": "an-old-test-secret"}'
STRANGER = '{"identifier": "stranger", "secret": "test-secret"}'


@pytest.fixture(scope="module")
def running() -> Iterator[KouponSandbox]:
    with koupon_server(KouponSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: KouponSandbox) -> KouponSandbox:
    running.reset()
    return running


def ask(koupon: KouponOffers, *, seconds: float = 4.0) -> OfferList:
    return koupon.offers(account="main", consumer="ann", deadline=CLOCK.after(seconds))


def refused(koupon: KouponOffers, *, seconds: float = 4.0) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        ask(koupon, seconds=seconds)
    return raised.value


@pytest.mark.parametrize(
    ("fault", "kind", "reason", "calls"),
    [
        (FaultRule(kind=FaultKind.UNAUTHORIZED), CredentialsRefused, "status_401", 2),
        (FaultRule(kind=FaultKind.FORBIDDEN, text="No"), CredentialsRefused, "status_403", 1),
        (FaultRule(kind=FaultKind.NOT_ACCEPTABLE), ContractBroken, "status_406", 1),
        (FaultRule(kind=FaultKind.RATE_LIMITED), ProviderBusy, "status_429", 1),
        (FaultRule(kind=FaultKind.SERVER_ERROR), ProviderUnavailable, "status_500", 3),
        (FaultRule(kind=FaultKind.BAD_GATEWAY), ProviderUnavailable, "status_502", 3),
        (FaultRule(kind=FaultKind.UNAVAILABLE), ProviderBusy, "status_503", 3),
        (FaultRule(kind=FaultKind.GATEWAY_TIMEOUT), ProviderUnavailable, "status_504", 3),
        (FaultRule(kind=FaultKind.HTML), ContractBroken, "unreadable_answer", 1),
        (FaultRule(kind=FaultKind.HTML, status=404), GatewayAnswered, "status_404", 1),
        (FaultRule(kind=FaultKind.HTML, status=400), GatewayAnswered, "status_400", 1),
        (FaultRule(kind=FaultKind.TRUNCATED_JSON), ContractBroken, "unreadable_answer", 1),
        (FaultRule(kind=FaultKind.REDIRECT), ContractBroken, "status_307", 1),
        (FaultRule(kind=FaultKind.REDIRECT, status=301), ContractBroken, "status_301", 1),
        (FaultRule(kind=FaultKind.RESET_BEFORE_COMMIT), ProviderUnavailable, "connection_lost", 3),
        (FaultRule(kind=FaultKind.COMMIT_THEN_DROP), ProviderUnavailable, "connection_lost", 3),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, FaultRule) else "",
)
def test_each_fault_says_what_can_be_done(
    sandbox: KouponSandbox, fault: FaultRule, kind: type[ProviderError], reason: str, calls: int
) -> None:
    sandbox.faults(fault)

    error = refused(client(sandbox.url))

    assert (type(error), error.reason) == (kind, reason)
    assert error.route == "GET /v2/{consumer}/offers"
    assert len(sandbox.calls()) == calls


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (FaultRule(kind=FaultKind.SLOW, seconds=60), "deadline_passed"),
        (FaultRule(kind=FaultKind.DRIP, seconds=0.05), "deadline_passed"),
    ],
    ids=lambda value: str(value.kind) if isinstance(value, FaultRule) else "",
)
def test_the_deadline_ends_any_wait(sandbox: KouponSandbox, fault: FaultRule, reason: str) -> None:
    sandbox.faults(fault)

    error = refused(client(sandbox.url), seconds=0.5)

    assert (type(error), error.reason) == (ProviderUnavailable, reason)


@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.BAD_GATEWAY, FaultKind.UNAVAILABLE]
)
def test_a_passing_fault_is_outlived_with_a_fresh_signature(
    sandbox: KouponSandbox, kind: FaultKind
) -> None:
    sandbox.faults(FaultRule(kind=kind, count=2))

    assert ask(client(sandbox.url)).offers
    assert sandbox.state.calls["GET /v2/{consumer}/offers"] == {str(kind): 2, "200": 1}


def test_retry_after_is_passed_on(sandbox: KouponSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.RATE_LIMITED, retry_after=30))

    error = refused(client(sandbox.url))

    assert isinstance(error, ProviderBusy)
    assert error.retry_after == 30.0


def test_a_secret_that_was_changed_is_read_again_once(sandbox: KouponSandbox) -> None:
    secrets = RotatingSecrets(stored={"secret": SECRET})
    secrets.remember(WRONG)

    found = ask(client(sandbox.url, secrets=secrets))

    assert found.offers
    assert secrets.refreshed == ["secret"]
    assert sandbox.state.calls["GET /v2/{consumer}/offers"] == {"200": 1, "401": 1}


@pytest.mark.parametrize("stored", [WRONG, STRANGER])
def test_a_secret_that_stays_wrong_is_reported_after_two_calls(
    sandbox: KouponSandbox, stored: str
) -> None:
    secrets = RotatingSecrets(stored={"secret": stored})

    error = refused(client(sandbox.url, secrets=secrets))

    assert (type(error), error.reason) == (CredentialsRefused, "status_401")
    assert len(sandbox.calls()) == 2


@pytest.mark.parametrize("skew", [900.0, -900.0])
def test_clocks_that_are_too_far_apart_are_named_as_the_cause(
    sandbox: KouponSandbox, skew: float
) -> None:
    sandbox.change(clock_skew_seconds=skew)
    secrets = RotatingSecrets()

    error = refused(client(sandbox.url, secrets=secrets))

    assert (type(error), error.reason) == (CredentialsRefused, "clock_skew")
    assert secrets.refreshed == []
    assert len(sandbox.calls()) == 1


def test_a_small_difference_of_clocks_does_not_matter(sandbox: KouponSandbox) -> None:
    sandbox.change(clock_skew_seconds=250.0)

    assert ask(client(sandbox.url)).offers


@pytest.mark.parametrize(
    "settings",
    [
        {"code": "string"},
        {"offer_id": "string"},
        {"valid_at_stores": "ids"},
        {"absent_fields": "omit"},
        {"version": "2.0"},
    ],
)
def test_an_oddity_that_comes_and_goes_changes_nothing(
    sandbox: KouponSandbox, settings: dict[str, object]
) -> None:
    koupon = client(sandbox.url)
    sandbox.faults(FaultRule(kind=FaultKind.ALTERED, settings=settings, count=1))

    odd, plain = ask(koupon), ask(koupon)

    assert odd == plain
    assert sandbox.state.faults_fired == {"altered": 1}


def test_an_offer_left_out_of_the_list_is_noticed(sandbox: KouponSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.SHORT, route="GET *", items=2))

    found = ask(client(sandbox.url))

    assert (len(found.offers), found.short_by) == (3, 2)


def test_an_offer_that_comes_twice_counts_once(sandbox: KouponSandbox) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.DUPLICATED, route="GET *", items=2))

    assert len(ask(client(sandbox.url)).offers) == 5


@pytest.mark.parametrize("style", ["message", "errors", "store_connect", "text"])
def test_a_refusal_is_understood_in_every_style(sandbox: KouponSandbox, style: str) -> None:
    sandbox.change(error_style=style, open_world=False)
    koupon = client(sandbox.url)

    assert type(refused(koupon)) is RequestRefused
    assert (
        koupon.offer(account="main", consumer="ann", offer_id="1", deadline=CLOCK.after(4)) is None
    )


def test_a_page_that_says_404_is_no_offer_that_is_gone(sandbox: KouponSandbox) -> None:
    koupon = client(sandbox.url)
    sandbox.faults(FaultRule(kind=FaultKind.HTML, route="GET *", count=1, status=404))

    with pytest.raises(ContractBroken, match="status_404"):
        koupon.offer(account="main", consumer="ann", offer_id="1281", deadline=CLOCK.after(4))


def test_an_unknown_account_is_reported_without_a_call(sandbox: KouponSandbox) -> None:
    with pytest.raises(ContractBroken, match="unknown_account"):
        client(sandbox.url).offers(account="other", consumer="ann", deadline=CLOCK.after(4))

    assert sandbox.calls() == []


def test_two_accounts_have_signatures_of_their_own() -> None:
    second = Access(name="second", identifier="second-identifier", secret="second-test-secret")
    settings = KouponSettings(accounts=(*KouponSettings().accounts, second))
    text = '{"identifier": "second-identifier", "secret": "second-test-secret"}'
    with koupon_server(settings) as sandbox:
        ask(client(sandbox.url))
        ask(client(sandbox.url, secrets=RotatingSecrets(stored={"secret": text})))

        assert [call["account"] for call in sandbox.calls()] == ["main", "second"]
