"""The questions of an operator reach the simulated providers with the stage's own settings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import pytest

from couponbus.domain.issuing.account import Account
from couponbus.providers.koupon.account import KouponAccount
from couponbus.providers.koupon.parameters import OfferFilter
from couponbus_cli.app.deployment import StackDeployment
from couponbus_cli.app.stage import Stage, target_of
from couponbus_cli.lookups.provider_calls import StageCalls
from couponbus_sandbox.coniq import ConiqSandbox, ConiqSettings, coniq_server
from couponbus_sandbox.koupon import KouponSettings, koupon_server
from tests.contracts.coniq import barcode_requests, client, issue
from tests.integration.aws import cloud as aws


@dataclass(frozen=True, slots=True)
class Accounts:
    coniq: str
    koupon: str

    def coniq_accounts(self) -> tuple[Account, ...]:
        return (Account(name="main", base_url=self.coniq, secret_id="coniq"),)

    def koupon_accounts(self) -> tuple[KouponAccount, ...]:
        return (KouponAccount(name="main", base_url=self.koupon, secret_id="koupon"),)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[StageCalls, ConiqSandbox]]:
    monkeypatch.setattr(aws, "TABLE", "couponbus-local")
    coniq_settings, koupon_settings = ConiqSettings(), KouponSettings()
    key, known = coniq_settings.accounts[0].api_key, koupon_settings.accounts[0]
    with (
        coniq_server(coniq_settings) as coniq,
        koupon_server(koupon_settings) as koupon,
        aws.a_cloud(),
    ):
        target = replace(target_of(Stage("dev")), stage=Stage.LOCAL)
        target.secrets().create_secret(Name="coniq", SecretString=key)
        target.secrets().create_secret(
            Name="koupon",
            SecretString=f'{{"identifier": "{known.identifier}", "secret": "{known.secret}"}}',
        )
        accounts = cast("StackDeployment", Accounts(coniq.url, koupon.url))
        yield StageCalls(target=target, deployment=accounts), coniq


def test_coniq_lists_what_it_issued(asked: tuple[StageCalls, ConiqSandbox]) -> None:
    calls, coniq = asked
    request = barcode_requests(1)
    issue(client(coniq), request)

    found = calls.barcodes(account=None, criteria={"customer_id": str(request[0].customer_id)})

    assert [one.tracking_code for one in found] == [request[0].tracking_code]


def test_koupon_lists_the_offers_of_a_consumer(asked: tuple[StageCalls, ConiqSandbox]) -> None:
    calls, _ = asked

    every = calls.offers(account="main", consumer="ada", wanted=OfferFilter())
    none = calls.offers(account="main", consumer="ada", wanted=OfferFilter(channel="no-such"))

    assert every.offers
    assert none.offers == ()
