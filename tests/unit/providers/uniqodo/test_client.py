"""What the client makes of each status, and when it reads its key again."""

from collections.abc import Mapping

import pytest

from couponbus.domain.errors import (
    ConfigurationInvalid,
    ContractBroken,
    CredentialsRefused,
    GatewayAnswered,
    GatewayDenied,
    InputRejected,
    ProviderBusy,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
)
from couponbus.domain.polling.redemption import RedemptionList
from couponbus.providers.uniqodo.client import UniqodoRedemptions
from tests.unit.providers.fakes import KEY, RotatingKeys
from tests.unit.providers.uniqodo.answers import (
    as_bytes,
    full_answer,
    without_records,
)
from tests.unit.providers.uniqodo.canned import CLOCK, PROMOTION, USER, Canned, answered, client

ROUTE = "GET /publisher/{key}/query/user-redemption/{promotion}"
GOOD = answered(as_bytes(full_answer()))
NO_DATA = as_bytes({"data": None, "errors": [{"code": 204, "message": "any"}]})
HTML = b"<!DOCTYPE html><html></html>"


def ask(
    uniqodo: UniqodoRedemptions, *, promotion: str = PROMOTION, user_id: str = USER
) -> RedemptionList:
    return uniqodo.redemptions(
        account="main", promotion=promotion, user_id=user_id, deadline=CLOCK.after(5)
    )


def error_of(uniqodo: UniqodoRedemptions) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        ask(uniqodo)
    assert raised.value.__context__ is None
    return raised.value


def test_the_question_is_asked_at_the_address_of_key_promotion_and_user() -> None:
    transport = Canned(GOOD)

    ask(client(transport), user_id="Some+One@Example.com")

    path = f"publisher/{KEY}/query/user-redemption/{PROMOTION}?userId=Some%2BOne%40Example.com"
    assert transport.asked == [f"http://127.0.0.1:1/{path}"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, NO_DATA, RequestRefused, "no_data"),
        (200, HTML, ContractBroken, "unreadable_answer"),
        (200, b"{}", ContractBroken, "answer_without_data"),
        (200, b'{"data":{"records":[{}]}}', ContractBroken, "record_without_id"),
        (302, as_bytes(full_answer()), ContractBroken, "status_302"),
        (400, b"{}", GatewayAnswered, "status_400"),
        (400, NO_DATA, RequestRefused, "no_data"),
        (400, b'{"data":{}}', ContractBroken, "status_400"),
        (401, b"", GatewayDenied, "status_401"),
        (403, HTML, GatewayDenied, "status_403"),
        (401, as_bytes(full_answer()), CredentialsRefused, "status_401"),
        (403, NO_DATA, CredentialsRefused, "status_403"),
        (404, NO_DATA, RequestRefused, "no_data"),
        (404, b"", GatewayAnswered, "status_404"),
        (404, b'{"message":"Not Found"}', GatewayAnswered, "status_404"),
        (404, b"[]", GatewayAnswered, "status_404"),
        (404, HTML, GatewayAnswered, "status_404"),
        (408, NO_DATA, ProviderUnavailable, "status_408"),
        (429, NO_DATA, ProviderBusy, "status_429"),
        (500, NO_DATA, ProviderUnavailable, "status_500"),
        (503, b"", ProviderBusy, "status_503"),
    ],
)
def test_what_is_no_answer_has_an_error_of_its_own(
    status: int, body: bytes, kind: type[ProviderError], reason: str
) -> None:
    error = error_of(client(Canned(answered(body, status=status))))

    assert type(error) is kind
    assert (error.reason, error.status, error.route) == (reason, status, ROUTE)
    assert str(error) == f"uniqodo {ROUTE}: {reason}"


@pytest.mark.parametrize("status", [201, 400, 404, 409, 422])
@pytest.mark.parametrize("answer", [full_answer(), without_records()])
def test_an_answer_in_the_agreed_form_counts_whatever_the_status_of_its_errors(
    status: int, answer: Mapping[str, object]
) -> None:
    seen = ask(client(Canned(answered(as_bytes(answer), status=status))))

    assert seen == ask(client(Canned(answered(as_bytes(answer)))))
    assert seen.is_complete


def test_a_refusal_carries_the_numbers_of_its_reasons() -> None:
    error = error_of(client(Canned(answered(NO_DATA))))

    assert isinstance(error, RequestRefused)
    assert error.codes == (204,)


def test_a_busy_provider_says_for_how_long() -> None:
    error = error_of(client(Canned(answered(b"", status=429, headers={"Retry-After": "7"}))))

    assert isinstance(error, ProviderBusy)
    assert error.retry_after == 7.0


@pytest.mark.parametrize("refusal", [answered(b"", status=401), answered(NO_DATA)])
def test_a_key_that_was_replaced_is_read_anew_and_the_question_asked_again(
    refusal: object,
) -> None:
    keys = RotatingKeys(stored={"secret": "new-key-not-real"})
    keys.remember({"secret": "old-key-not-real"})
    transport = Canned(refusal, GOOD)  # type: ignore[arg-type]

    assert len(ask(client(transport, keys=keys)).redemptions) == 2

    assert [url.split("/")[4] for url in transport.asked] == [
        "old-key-not-real",
        "new-key-not-real",
    ]


def test_a_key_that_stays_the_same_is_not_tried_twice() -> None:
    keys, transport = RotatingKeys(), Canned(answered(b"", status=401))

    error_of(client(transport, keys=keys))

    assert (len(transport.asked), keys.refreshed) == (1, ["secret"])


def test_a_key_that_is_gone_when_read_anew_leaves_the_refusal_standing() -> None:
    keys = RotatingKeys(stored={})
    keys.remember({"secret": KEY})

    assert isinstance(
        error_of(client(Canned(answered(b"", status=401)), keys=keys)), CredentialsRefused
    )


@pytest.mark.parametrize("stored", [{}, {"secret": "no key\n"}, {"secret": ".."}])
def test_without_a_usable_key_nothing_is_asked(stored: dict[str, str]) -> None:
    transport = Canned(GOOD)

    error = error_of(client(transport, keys=RotatingKeys(stored=stored)))

    assert isinstance(error, ProviderUnavailable)
    assert (error.reason, transport.asked) == ("secret_unavailable", [])


@pytest.mark.parametrize(("promotion", "user_id"), [("0F" * 16, USER), (PROMOTION, "")])
def test_what_cannot_be_asked_about_is_refused_before_anything_is_sent(
    promotion: str, user_id: str
) -> None:
    transport = Canned(GOOD)

    with pytest.raises(InputRejected):
        ask(client(transport), promotion=promotion, user_id=user_id)

    assert transport.asked == []


def test_an_account_that_is_not_set_up_is_an_operators_matter() -> None:
    with pytest.raises(ConfigurationInvalid, match="'other'"):
        client(Canned(GOOD)).redemptions(
            account="other", promotion=PROMOTION, user_id=USER, deadline=CLOCK.after(5)
        )


@pytest.mark.parametrize(
    ("header", "shown"),
    [("req-77", "req-77"), (KEY, None), (f"a-{KEY.upper()}-b", None), (USER.lower(), None)],
)
def test_a_request_id_is_shown_unless_it_contains_a_secret(header: str, shown: str | None) -> None:
    answer = answered(b"", status=500, headers={"X-Request-Id": header})

    assert error_of(client(Canned(answer))).request_id == shown
