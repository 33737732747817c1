"""Concurrent changes of the secrets by two operators both succeed, or fail visibly."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

import pytest
from botocore.stub import Stubber

from couponbus.aws.webhooks.signing_keys import SigningSecret, SigningSecrets
from couponbus.domain.errors import ConfigurationInvalid, SecretUnavailable
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.stage import Stage, target_of
from couponbus_cli.endpoints.signing_lists import with_first, without
from couponbus_cli.endpoints.signing_secrets import LIMIT, PART, TRIES, Change, StoredSigningSecrets
from tests.fakes.clock import ManualClock
from tests.integration.aws.cloud import a_cloud

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "couponbus/dev/webhooks"
SECRET, OTHER = "whsec_not-real", "whsec_not-real-either"


@pytest.fixture(scope="module")
def region() -> Iterator[None]:
    with a_cloud():
        yield


@pytest.fixture
def client(region: None) -> Iterator["SecretsManagerClient"]:
    """Yield a client of a moto AWS that has the deployed secret."""
    client = target_of(Stage("dev")).secrets()
    client.create_secret(Name=NAME, SecretString="{}")
    yield client
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def secrets_at(client: object) -> StoredSigningSecrets:
    return StoredSigningSecrets(
        client=cast("SecretsManagerClient", client), secret_id=NAME, clock=ManualClock()
    )


def adding(endpoint_id: str, secret: str = SECRET) -> Change:
    return partial(with_first, endpoint_id=endpoint_id, secret=secret)


def names(document: SigningSecrets) -> list[str]:
    return sorted(document)


def after(meanwhile: Callable[[], object], change: Change) -> Change:
    """Return a change whose first run is slow, so that another change happens meanwhile."""
    left = [meanwhile]

    def slow(document: SigningSecrets) -> SigningSecrets:
        for happen in left:
            left.clear()
            happen()
        return change(document)

    return slow


def test_the_secret_is_that_of_the_stage(client: "SecretsManagerClient") -> None:
    assert target_of(Stage("dev")).secret(PART) == NAME
    assert secrets_at(client).read() == {}


def test_what_was_stored_is_read_again(client: "SecretsManagerClient") -> None:
    stored = secrets_at(client).change(adding("shop"))

    assert stored == {"shop": (SigningSecret(secret=SECRET),)}
    assert secrets_at(client).read() == stored


def test_a_change_that_changes_nothing_makes_no_version(client: "SecretsManagerClient") -> None:
    secrets_at(client).change(adding("shop"))
    before = client.get_secret_value(SecretId=NAME)["VersionId"]

    secrets_at(client).change(adding("shop"))

    assert client.get_secret_value(SecretId=NAME)["VersionId"] == before


def test_the_faster_operator_is_not_overwritten(client: "SecretsManagerClient") -> None:
    theirs = partial(secrets_at(client).change, adding("erp", OTHER))

    mine = secrets_at(client).change(after(theirs, adding("shop")))

    assert names(mine) == names(secrets_at(client).read()) == ["erp", "shop"]


def test_secrets_that_are_added_and_removed_again_leave_nothing_in_the_way(
    client: "SecretsManagerClient",
) -> None:
    for _ in range(3):
        secrets_at(client).change(adding("shop"))
        secrets_at(client).change(partial(without, endpoint_id="shop"))

    assert secrets_at(client).read() == {}


def test_a_secret_without_a_text_is_an_empty_one(client: "SecretsManagerClient") -> None:
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    client.create_secret(Name=NAME)

    assert names(secrets_at(client).change(adding("shop"))) == ["shop"]


def test_an_older_version_that_was_made_the_current_one_is_guessed_at(region: None) -> None:
    client = target_of(Stage("dev")).secrets()
    with Stubber(client) as stubber:
        for _ in range(TRIES):
            read = {"SecretString": "{}", "VersionId": "v" * 32}
            stubber.add_response("get_secret_value", read, {"SecretId": NAME})
            stubber.add_client_error("put_secret_value", "ResourceExistsException")

        with pytest.raises(Failed, match="older version of it was made the current one by hand"):
            secrets_at(client).change(adding("erp"))


def test_more_secrets_than_one_secret_holds_are_refused(client: "SecretsManagerClient") -> None:
    with pytest.raises(Failed, match="is full: remove endpoints that are not needed"):
        secrets_at(client).change(adding("shop", "x" * LIMIT))


def test_a_stage_without_the_secret_is_not_deployed(client: "SecretsManagerClient") -> None:
    client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
    missing = secrets_at(client)
    try:
        with pytest.raises(Failed, match="does not exist here: is the stage deployed") as refused:
            missing.change(adding("shop"))
    finally:
        client.create_secret(Name=NAME, SecretString="{}")

    assert refused.value.code == 3


def test_a_text_that_is_not_ours_is_never_overwritten(client: "SecretsManagerClient") -> None:
    client.put_secret_value(SecretId=NAME, SecretString=f'["{SECRET}"]')

    with pytest.raises(ConfigurationInvalid) as invalid:
        secrets_at(client).change(adding("shop"))

    assert SECRET not in str(invalid.value)


@pytest.mark.parametrize("call", ["get_secret_value", "put_secret_value"])
def test_no_answer_is_no_success(call: str, region: None) -> None:
    client = target_of(Stage("dev")).secrets()
    with Stubber(client) as stubber:
        if call == "put_secret_value":
            read = {"SecretString": "{}", "VersionId": "v" * 32}
            stubber.add_response("get_secret_value", read, {"SecretId": NAME})
        stubber.add_client_error(call, "ThrottlingException")

        with pytest.raises(SecretUnavailable, match=f"{NAME}: ThrottlingException"):
            secrets_at(client).change(adding("shop"))


class Careless:
    """A store that ignores secret ids; after a put, another operator may overwrite the text."""

    def __init__(self, *overwriting: str) -> None:
        self.text = "{}"
        self._overwriting = list(overwriting)

    def get_secret_value(self, **_: str) -> dict[str, str]:
        return {"SecretString": self.text, "VersionId": "v"}

    def put_secret_value(self, **given: str) -> None:
        self.text = self._overwriting.pop(0) if self._overwriting else given["SecretString"]


def test_where_versions_are_overwritten_the_text_is_read_back() -> None:
    theirs = json.dumps({"erp": [{"secret": OTHER}]})
    careless = Careless(theirs)

    stored = secrets_at(careless).change(adding("shop"))

    assert names(stored) == ["erp", "shop"]


def test_a_secret_that_changes_all_the_time_is_given_up() -> None:
    careless = Careless(*(json.dumps({f"e-{n}": [{"secret": OTHER}]}) for n in range(9)))

    with pytest.raises(Failed, match="was changed by another operator at each try: try again"):
        secrets_at(careless).change(adding("shop"))
