"""Signing secrets are read rarely, used for as long as they are valid, and never leak."""

import json
import traceback
from collections.abc import Iterator
from datetime import timedelta

import pytest

from couponbus.aws.secrets import Secrets
from couponbus.aws.webhooks import signing_keys as stored_signing_keys
from couponbus.aws.webhooks.signing_keys import (
    SigningSecret,
    SigningSecrets,
    StoredSigningKeys,
    document_of,
    text_of,
    valid_keys,
)
from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus.domain.webhooks.directory import ENDPOINTS_MAX
from couponbus.domain.webhooks.signature import secret_of
from couponbus_cli.endpoints.signing_secrets import LIMIT
from tests.fakes.clock import NOON, ManualClock
from tests.fakes.signing_keys import key_not_real
from tests.integration.aws import faults
from tests.integration.aws.cloud import Cloud
from tests.integration.aws.faults import Faults, faults_on

NAME = "couponbus/test/webhooks"
OLD, NEW = key_not_real("old"), key_not_real("new")
HOUR = timedelta(hours=1)
type Listed = dict[str, object]


def listed(key: bytes, *, until: str | None = None) -> Listed:
    return {"secret": secret_of(key), "until": until}


@pytest.fixture
def script(cloud: Cloud) -> Iterator[Faults]:
    text = json.dumps({"shop": [listed(OLD)]})
    cloud.clients.secrets.create_secret(Name=NAME, SecretString=text)
    with faults_on(cloud.clients.secrets) as scripted:
        yield scripted


@pytest.fixture
def signing_keys(cloud: Cloud, clock: ManualClock) -> StoredSigningKeys:
    secrets = Secrets(client=cloud.clients.secrets, clock=clock)
    return StoredSigningKeys(secrets=secrets, secret_id=NAME, clock=clock)


def store(cloud: Cloud, content: dict[str, list[Listed]]) -> None:
    cloud.clients.secrets.put_secret_value(SecretId=NAME, SecretString=json.dumps(content))


def reads(script: Faults) -> int:
    return script.calls.count("GetSecretValue")


def test_the_keys_of_all_endpoints_cost_one_read_in_five_minutes(
    cloud: Cloud, signing_keys: StoredSigningKeys, script: Faults, clock: ManualClock
) -> None:
    store(cloud, {"shop": [listed(OLD)], "erp": [listed(NEW)]})

    for _ in range(10):
        assert list(signing_keys.of("shop")) == [OLD]
        assert list(signing_keys.of("erp")) == [NEW]
        clock.pass_time(29)

    assert reads(script) == 1


def test_the_secret_is_parsed_once_however_many_webhooks_it_signs(
    signing_keys: StoredSigningKeys, script: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(text: str) -> SigningSecrets:
        parsed.append(text)
        return document_of(text)

    monkeypatch.setattr(stored_signing_keys, "document_of", counted)
    for _ in range(10):
        signing_keys.of("shop")

    assert (len(parsed), reads(script)) == (1, 1)


def test_the_secret_holds_all_endpoints_that_a_tenant_may_have_during_a_rotation() -> None:
    one = SigningSecret(secret=secret_of(OLD))
    ending = SigningSecret(secret=secret_of(NEW), until=NOON)
    document = {f"{number:063}": (one, ending) for number in range(ENDPOINTS_MAX)}

    assert len(text_of(document).encode()) <= LIMIT


def test_during_a_rotation_both_keys_hold_the_newest_first(
    cloud: Cloud, signing_keys: StoredSigningKeys, script: Faults, clock: ManualClock
) -> None:
    until = (NOON + 24 * HOUR).isoformat()
    store(cloud, {"shop": [listed(NEW), listed(OLD, until=until)]})

    during = signing_keys.of("shop")
    clock.pass_time((24 * HOUR).total_seconds() - 1)
    last = signing_keys.of("shop")
    clock.pass_time(1)
    after = signing_keys.of("shop")

    assert [list(during), list(last), list(after)] == [[NEW, OLD], [NEW, OLD], [NEW]]


def test_the_key_of_a_new_endpoint_is_found_although_a_copy_is_kept(
    cloud: Cloud, signing_keys: StoredSigningKeys, script: Faults, clock: ManualClock
) -> None:
    signing_keys.of("shop")
    store(cloud, {"shop": [listed(OLD)], "erp": [listed(NEW)]})
    clock.pass_time(30)

    assert list(signing_keys.of("erp")) == [NEW]
    assert reads(script) == 2


def test_an_endpoint_without_a_key_is_an_operators_matter_and_costs_few_reads(
    signing_keys: StoredSigningKeys, script: Faults, clock: ManualClock
) -> None:
    for _ in range(61):
        with pytest.raises(ConfigurationInvalid, match=r"^endpoint erp has no signing secret$"):
            signing_keys.of("erp")
        clock.pass_time(1)

    assert reads(script) == 3


def test_a_key_that_has_expired_is_no_key(
    cloud: Cloud, signing_keys: StoredSigningKeys, script: Faults
) -> None:
    store(cloud, {"shop": [listed(OLD, until=NOON.isoformat())]})

    with pytest.raises(ConfigurationInvalid, match=r"^endpoint shop has no signing secret$"):
        signing_keys.of("shop")


def test_a_secret_that_cannot_be_read_is_unavailable(
    signing_keys: StoredSigningKeys, script: Faults
) -> None:
    script.will(*[faults.connect_timeout] * 3)

    with pytest.raises(SecretUnavailable):
        signing_keys.of("shop")


@pytest.mark.parametrize(
    "content",
    [
        "planted",
        '{"shop": "planted"}',
        '{"shop": ["planted"]}',
        '{"shop": [{"secret": ["planted"]}]}',
        '{"shop": [{"secret": "planted", "until": "planted"}]}',
        '{"shop": [{"secret": "planted", "until": "2026-06-01T12:00:00"}]}',
        '{"shop": [{"secret": "planted", "note": "planted"}]}',
        '{"shop": [{"secret": "whsec_planted"}]}',
        '{"shop": [{"secret": "whsec_cGxhbnRlZA=="}]}',
    ],
)
def test_a_secret_that_is_not_as_it_should_be_is_an_operators_matter_and_not_shown(
    content: str,
) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        valid_keys(document_of(content), "shop", NOON)

    shown = "".join(traceback.format_exception(refused.value))
    assert "planted" not in shown
    assert "cGxhbnRlZA" not in shown


def test_what_is_written_is_what_is_read() -> None:
    document = {
        "shop": (
            SigningSecret(secret=secret_of(NEW)),
            SigningSecret(secret=secret_of(OLD), until=NOON),
        )
    }

    again = document_of(text_of(document))

    assert again == document
    assert valid_keys(again, "shop", NOON - HOUR) == [NEW, OLD]
    assert valid_keys(again, "shop", NOON) == [NEW]


def test_nothing_of_a_secret_is_shown(signing_keys: StoredSigningKeys, script: Faults) -> None:
    signing_keys.of("shop")
    one = SigningSecret(secret=secret_of(OLD))

    shown = f"{one} {one!r} {signing_keys!r} {signing_keys.secrets!r}"
    assert secret_of(OLD) not in shown
