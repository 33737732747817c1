"""The client distinguishes each fault of the simulated Uniqodo."""

from collections.abc import Iterator

import pytest

from couponbus.domain.errors import (
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
)
from couponbus_sandbox.uniqodo import (
    ONE_USE,
    THREE_USES,
    FaultKind,
    FaultRule,
    NewRedemption,
    UniqodoKey,
    UniqodoSandbox,
    UniqodoSettings,
    uniqodo_server,
)
from tests.contracts.uniqodo import ask, client
from tests.unit.providers.fakes import RotatingKeys

UNKNOWN_PROMOTION = "ee" * 16


@pytest.fixture(scope="module")
def running() -> Iterator[UniqodoSandbox]:
    with uniqodo_server(UniqodoSettings()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: UniqodoSandbox) -> UniqodoSandbox:
    running.reset()
    return running


@pytest.mark.parametrize(
    ("changes", "doubts"),
    [
        ({"errors": "null"}, ("errors",)),
        ({"errors": "missing"}, ("errors",)),
        ({"records": "null"}, ("data.redemption.records",)),
        ({"records": "missing"}, ("data.redemption.records",)),
        ({"offer": "null"}, ()),
        ({"offer": "missing"}, ()),
        ({"total_offset": -1}, ()),
    ],
)
def test_an_answer_that_lacks_something_says_so(
    sandbox: UniqodoSandbox, changes: dict[str, object], doubts: tuple[str, ...]
) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.ALTERED, settings=changes, count=1))

    damaged, whole = ask(client(sandbox)), ask(client(sandbox))

    assert damaged.doubts == doubts
    assert damaged.is_complete == ("errors" in changes or "offer" in changes)
    assert damaged != whole


@pytest.mark.parametrize("data", ["null", "missing"])
def test_no_data_is_a_refusal(sandbox: UniqodoSandbox, data: str) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.ALTERED, settings={"data": data}))

    with pytest.raises(RequestRefused) as refused:
        ask(client(sandbox))

    assert (refused.value.status, refused.value.codes) == (200, (201,))


@pytest.mark.parametrize("data", ["null", "missing"])
def test_no_data_and_no_errors_break_the_contract(sandbox: UniqodoSandbox, data: str) -> None:
    settings = {"data": data, "errors": "null"}
    sandbox.faults(FaultRule(kind=FaultKind.ALTERED, settings=settings))

    with pytest.raises(ContractBroken, match="answer_without_data"):
        ask(client(sandbox))


@pytest.mark.parametrize("status", [200, 404])
def test_an_unknown_promotion_is_refused(sandbox: UniqodoSandbox, status: int) -> None:
    sandbox.change(unknown_promotion_status=status)

    with pytest.raises(RequestRefused) as refused:
        ask(client(sandbox), promotion=UNKNOWN_PROMOTION)

    assert refused.value.status == status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, RequestRefused),
        (401, CredentialsRefused),
        (403, CredentialsRefused),
        (404, RequestRefused),
    ],
)
def test_a_wrong_key_is_refused_and_a_new_one_is_found(
    sandbox: UniqodoSandbox, status: int, kind: type[ProviderError]
) -> None:
    sandbox.change(auth_status=status)
    wrong = RotatingKeys(stored={"secret": "wrong-key-not-real"})

    with pytest.raises(kind):
        ask(client(sandbox, keys=wrong))

    stale = RotatingKeys()
    stale.remember({"secret": "wrong-key-not-real"})
    assert ask(client(sandbox, keys=stale)).is_complete


def test_a_key_of_any_characters_arrives() -> None:
    key = "a$b}c/d?e#f%41+g"
    account = UniqodoKey(name="main", api_key=key)

    with uniqodo_server(UniqodoSettings(accounts=(account,))) as sandbox:
        seen = ask(client(sandbox, keys=RotatingKeys(stored={"secret": key})))

    assert len(seen.redemptions) == 1


@pytest.mark.parametrize("user_id", ["Some+One@Example.com", "a b&c=d", "\u00e9l\u00e8ve/?#%20"])
def test_a_user_of_any_characters_arrives(sandbox: UniqodoSandbox, user_id: str) -> None:
    sandbox.redeem(NewRedemption(promotion_id=ONE_USE, user_id=user_id))

    assert len(ask(client(sandbox), user_id).redemptions) == 1
    assert sandbox.calls()[-1]["query"] == {"userId": user_id}


REPEATED = 3
FAULTS = [
    (FaultRule(kind=FaultKind.UNAUTHORIZED), GatewayDenied, "status_401", 1),
    (FaultRule(kind=FaultKind.FORBIDDEN), GatewayDenied, "status_403", 1),
    (FaultRule(kind=FaultKind.NOT_ACCEPTABLE), GatewayAnswered, "status_406", 1),
    (FaultRule(kind=FaultKind.RATE_LIMITED, retry_after=9), ProviderBusy, "status_429", 1),
    (FaultRule(kind=FaultKind.SERVER_ERROR), ProviderUnavailable, "status_500", REPEATED),
    (FaultRule(kind=FaultKind.BAD_GATEWAY), ProviderUnavailable, "status_502", REPEATED),
    (FaultRule(kind=FaultKind.UNAVAILABLE), ProviderBusy, "status_503", 1),
    (FaultRule(kind=FaultKind.GATEWAY_TIMEOUT), ProviderUnavailable, "status_504", REPEATED),
    (FaultRule(kind=FaultKind.SLOW, seconds=30), ProviderUnavailable, "deadline_passed", 1),
    (FaultRule(kind=FaultKind.DRIP, seconds=0.3), ProviderUnavailable, "deadline_passed", 1),
    (
        FaultRule(kind=FaultKind.RESET_BEFORE_COMMIT),
        ProviderUnavailable,
        "connection_lost",
        REPEATED,
    ),
    (
        FaultRule(kind=FaultKind.RESET_AFTER_COMMIT),
        ProviderUnavailable,
        "connection_lost",
        REPEATED,
    ),
    (FaultRule(kind=FaultKind.COMMIT_THEN_DROP), ProviderUnavailable, "connection_lost", REPEATED),
    (FaultRule(kind=FaultKind.LATE_COMMIT), ProviderUnavailable, "status_504", REPEATED),
    (FaultRule(kind=FaultKind.TRUNCATED_JSON), ContractBroken, "unreadable_answer", 1),
    (
        FaultRule(kind=FaultKind.TRUNCATED_JSON, framing="short"),
        ProviderUnavailable,
        "broken_answer",
        REPEATED,
    ),
    (FaultRule(kind=FaultKind.HTML), ContractBroken, "unreadable_answer", 1),
    (FaultRule(kind=FaultKind.HTML, status=404), GatewayAnswered, "status_404", 1),
    (FaultRule(kind=FaultKind.REDIRECT), ContractBroken, "status_307", 1),
    (FaultRule(kind=FaultKind.ANSWER, status=418), GatewayAnswered, "status_418", 1),
]


@pytest.mark.parametrize(("rule", "kind", "reason", "calls"), FAULTS)
def test_each_fault_is_distinguished_from_the_others(
    sandbox: UniqodoSandbox, rule: FaultRule, kind: type[ProviderError], reason: str, calls: int
) -> None:
    sandbox.faults(rule)

    with pytest.raises(ProviderError) as raised:
        ask(client(sandbox))

    assert (type(raised.value), raised.value.reason) == (kind, reason)
    assert sandbox.state.faults_fired == {str(rule.kind): calls}
    if isinstance(raised.value, ProviderBusy):
        assert raised.value.retry_after == rule.retry_after


@pytest.mark.parametrize(
    ("kind", "ids", "is_complete"),
    [
        (FaultKind.SHORT, ["1925201"], False),
        (FaultKind.REORDERED, ["1925202", "1925201"], True),
        (FaultKind.DUPLICATED, ["1925201", "1925202"], False),
        (FaultKind.FOREIGN, ["999999999", "1925201", "1925202"], False),
    ],
)
def test_a_list_of_records_that_is_not_as_it_should_be_is_not_complete(
    sandbox: UniqodoSandbox, kind: FaultKind, ids: list[str], is_complete: bool
) -> None:
    sandbox.faults(FaultRule(kind=kind, route="*"))

    seen = ask(client(sandbox), "twice@example.com", THREE_USES)

    assert [each.redemption_id for each in seen.redemptions] == ids
    assert seen.is_complete is is_complete


def test_every_fault_of_the_switchboard_is_met() -> None:
    records = {FaultKind.SHORT, FaultKind.REORDERED, FaultKind.DUPLICATED, FaultKind.FOREIGN}
    only_of_posts = {FaultKind.K_OF_N, FaultKind.POISON}
    met = {rule.kind for rule, *_ in FAULTS} | {FaultKind.ALTERED, FaultKind.INTERIM}

    assert met | records | only_of_posts == set(FaultKind)


@pytest.mark.parametrize("status", [102, 103])
def test_an_interim_answer_is_not_taken_for_the_final_one(
    sandbox: UniqodoSandbox, status: int
) -> None:
    sandbox.faults(FaultRule(kind=FaultKind.INTERIM, status=status))

    assert len(ask(client(sandbox)).redemptions) == 1
    assert sandbox.state.faults_fired == {str(FaultKind.INTERIM): 1}


@pytest.mark.parametrize(
    "kind", [FaultKind.SERVER_ERROR, FaultKind.RESET_BEFORE_COMMIT, FaultKind.GATEWAY_TIMEOUT]
)
def test_a_passing_fault_is_survived(sandbox: UniqodoSandbox, kind: FaultKind) -> None:
    sandbox.faults(FaultRule(kind=kind, count=2))

    assert len(ask(client(sandbox)).redemptions) == 1
