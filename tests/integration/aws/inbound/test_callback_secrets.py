"""The secrets of callers: several at a time, reloaded soon, and read rarely in a storm."""

from collections.abc import Iterator

import pytest

from couponbus.aws.inbound.callback_secrets import StoredInboundKeys, StoredPathSecrets
from couponbus.aws.secrets import Secrets
from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.domain.inbound.callbacks import CallbackAccount
from couponbus.domain.webhooks.signature import key_of
from tests.fakes.clock import ManualClock
from tests.integration.aws import faults
from tests.integration.aws.cloud import Cloud
from tests.integration.aws.faults import Faults, faults_on

SIGN_UPS = "couponbus/test/sign-ups"
CALLBACKS = "couponbus/test/callbacks/main"
OLD, NEW = "ObviouslyFakeSecretOld0" + "A" * 9, "ObviouslyFakeSecretNew0" + "B" * 9
ACCOUNT = CallbackAccount(name="main", secret_id=CALLBACKS)


@pytest.fixture
def script(cloud: Cloud) -> Iterator[Faults]:
    for name in (SIGN_UPS, CALLBACKS):
        cloud.clients.secrets.create_secret(Name=name, SecretString=OLD)
    with faults_on(cloud.clients.secrets) as scripted:
        yield scripted


@pytest.fixture
def secrets(cloud: Cloud, clock: ManualClock) -> Secrets:
    return Secrets(client=cloud.clients.secrets, clock=clock)


def rotate(cloud: Cloud, name: str, value: str) -> None:
    cloud.clients.secrets.put_secret_value(SecretId=name, SecretString=value)


def reads(script: Faults) -> int:
    return script.calls.count("GetSecretValue")


def test_keys_are_those_of_the_secret_which_may_hold_several(
    cloud: Cloud, secrets: Secrets, script: Faults
) -> None:
    rotate(cloud, SIGN_UPS, f"{NEW} {OLD}")

    keys = StoredInboundKeys(secrets=secrets, secret_id=SIGN_UPS).current()

    assert list(keys) == [key_of(NEW), key_of(OLD)]


def test_a_rotated_secret_is_known_as_soon_as_a_caller_uses_it(
    cloud: Cloud, secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    keys = StoredInboundKeys(secrets=secrets, secret_id=SIGN_UPS)
    paths = StoredPathSecrets(secrets=secrets, accounts=(ACCOUNT,))
    before = (keys.current(), paths.current())
    rotate(cloud, SIGN_UPS, NEW)
    rotate(cloud, CALLBACKS, NEW)
    clock.pass_time(30)

    assert (keys.current(), paths.current()) == before
    assert (keys.renewed(), paths.renewed()) == ((key_of(NEW),), {"main": (NEW,)})


def test_a_thousand_wrong_signatures_cost_one_read_in_half_a_minute(
    secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    keys = StoredInboundKeys(secrets=secrets, secret_id=SIGN_UPS)
    paths = StoredPathSecrets(secrets=secrets, accounts=(ACCOUNT,))
    keys.current()
    paths.current()
    read_before = reads(script)
    clock.pass_time(30)

    for _ in range(1000):
        keys.renewed()
        paths.renewed()

    assert reads(script) - read_before == 2


def test_while_the_secret_cannot_be_read_the_known_one_counts_and_an_unknown_one_is_unavailable(
    secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    keys = StoredInboundKeys(secrets=secrets, secret_id=SIGN_UPS)
    known = keys.current()
    clock.pass_time(3600 / 2)
    script.will(*[faults.connect_timeout] * 9)

    assert keys.renewed() == known
    with pytest.raises(SecretUnavailable):
        StoredPathSecrets(secrets=secrets, accounts=(ACCOUNT,)).current()


def test_a_secret_that_is_none_is_read_again_soon_after_it_was_corrected(
    cloud: Cloud, secrets: Secrets, script: Faults, clock: ManualClock
) -> None:
    rotate(cloud, CALLBACKS, "planted")
    paths = StoredPathSecrets(secrets=secrets, accounts=(ACCOUNT,))
    with pytest.raises(ConfigurationInvalid) as refused:
        paths.current()
    rotate(cloud, CALLBACKS, NEW)
    clock.pass_time(30)
    with pytest.raises(ConfigurationInvalid):
        paths.current()

    assert paths.current() == {"main": (NEW,)}
    assert "planted" not in str(refused.value)
