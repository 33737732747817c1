"""The providers as poll_redemptions calls them: each slot is one call, for any answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import ConfigurationInvalid, ProviderBusy, ProviderUnavailable
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from couponbus.providers.http.transport import Transport, trust_public_authorities
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.client import KouponOffers
from couponbus.providers.uniqodo.account import UniqodoAccount
from couponbus.runtime.polling import provider_redemptions
from tests.integration.sockets import scripts
from tests.integration.sockets.server import Script, faulty_server
from tests.unit.providers.fakes import WallClock
from tests.unit.providers.koupon.asking import RotatingSecrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CLOCK = WallClock()


class HastyClock(WallClock):
    """A clock on which a second has passed whenever it is read."""

    def __init__(self) -> None:
        self._reads = 0

    def now(self) -> datetime:
        self._reads += 1
        return super().now() + timedelta(seconds=self._reads)

    def sleep(self, seconds: float) -> None:
        del seconds


PROMOTION = "0f" * 16


class SecretStore:
    """The secrets of both providers."""

    def get_secret_value(self, **asked: str) -> Mapping[str, str]:
        del asked
        return {"SecretString": '{"api_key": "test-key", "identifier": "test", "secret": "test"}'}


def look(url: str, provider: Provider) -> Snapshot:
    store = cast("SecretsManagerClient", SecretStore())
    redemptions = provider_redemptions(
        uniqodo=[UniqodoAccount(name="main", secret_id="secret", base_url=url)],
        koupon=[KouponAccount(name="main", secret_id="secret", base_url=url)],
        secrets=Secrets(client=store, clock=CLOCK),
        clock=CLOCK,
        threads=2,
    )
    return redemptions.poll(
        provider=provider,
        account="main",
        promotion=PROMOTION,
        user_id="ann",
        list_filter=None,
        deadline=CLOCK.after(4),
    )


@pytest.mark.parametrize("provider", Provider)
@pytest.mark.parametrize(
    "fault",
    [
        scripts.answer(b"", status="500 Oh"),
        scripts.answer(b"", status="503 Busy"),
        scripts.reset_after_request,
    ],
)
def test_a_poll_that_fails_was_one_call(fault: Script, provider: Provider) -> None:
    with faulty_server(fault) as server, pytest.raises((ProviderUnavailable, ProviderBusy)):
        look(server.url, provider)

    assert len(server.requests) == 1


def test_both_providers_open_with_what_their_secrets_hold() -> None:
    with faulty_server(scripts.answer(b'{"Offers": []}')) as server:
        seen = look(server.url, Provider.KOUPON)

    assert seen.is_complete
    assert server.requests[0].startswith(b"GET /v2/ann/offers?identifier=test&")


def test_an_address_that_cannot_be_used_is_reported_before_any_call() -> None:
    with pytest.raises(ConfigurationInvalid, match="must start with https"):
        look("http://provider.example", Provider.UNIQODO)


def test_each_attempt_at_koupon_is_signed_anew() -> None:
    clock = HastyClock()
    closing = scripts.answer(b"", status="500 Oh", headers=("Connection: close",))
    with faulty_server(closing) as server:
        koupon = KouponOffers(
            accounts={"main": KouponAccount(name="main", secret_id="secret", base_url=server.url)},
            secrets=RotatingSecrets(),
            transport=Transport(clock=clock, trust=trust_public_authorities()),
            clock=clock,
        )
        with pytest.raises(ProviderUnavailable):
            koupon.offers(account="main", consumer="ann", deadline=clock.after(60))

    targets = {request.split(b" ")[1] for request in server.requests}
    assert len(targets) == len(server.requests) == 3
