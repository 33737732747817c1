"""The secret comes from a file, from Secrets Manager or from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from couponbus.domain.errors import SecretUnavailable
from couponbus_cli.app.failing import Failed
from couponbus_cli.probe.secret import Source

VARIABLE = "COUPONBUS_TEST_API_KEY"
BOTH = ("COUPONBUS_TEST_IDENTIFIER", "COUPONBUS_TEST_SECRET")
JSON = '{"identifier": "test-identifier", "secret": "test-secret"}'


@dataclass(frozen=True, slots=True)
class Store:
    """Secrets by their ids."""

    secrets: Mapping[str, str] = field(default_factory=dict)

    def get(self, secret_id: str) -> str:
        if secret_id not in self.secrets:
            raise SecretUnavailable(f"{secret_id}: ResourceNotFoundException")
        return self.secrets[secret_id]


def source(
    environment: Mapping[str, str] | None = None,
    *,
    file: Path | None = None,
    secret_id: str | None = None,
    store: Store | None = None,
) -> Source:
    return Source(
        file=file, secret_id=secret_id, environment=environment or {}, store=store or Store()
    )


def written(folder: Path, content: bytes) -> Path:
    file = folder / "secret"
    file.write_bytes(content)
    return file


def test_a_key_comes_from_the_environment() -> None:
    assert source({VARIABLE: " key-1 "}).api_key(variable=VARIABLE) == "key-1"


@pytest.mark.parametrize("content", [b"key-2\n", b'{"api_key": " key-2 "}'])
def test_a_file_goes_before_the_environment(tmp_path: Path, content: bytes) -> None:
    given = source({VARIABLE: "key-1"}, file=written(tmp_path, content))

    assert given.api_key(variable=VARIABLE) == "key-2"


def test_a_key_comes_from_secrets_manager() -> None:
    given = source(secret_id="main", store=Store({"main": '{"api_key": "key-3"}'}))

    assert given.api_key(variable=VARIABLE) == "key-3"


def test_both_halves_come_from_anywhere(tmp_path: Path) -> None:
    in_file = source(file=written(tmp_path, JSON.encode())).credentials(variables=BOTH)
    in_store = source(secret_id="a", store=Store({"a": JSON})).credentials(variables=BOTH)
    given = dict(zip(BOTH, ("test-identifier", "test-secret"), strict=True))

    assert in_file == in_store == source(given).credentials(variables=BOTH)
    assert (in_file.identifier, in_file.secret) == ("test-identifier", "test-secret")


@pytest.mark.parametrize(
    "content", [b"", b"  ", b'{"api_key": 7}', b'{"key": "x"}', b'{"api_key": ', b'{"api_key": ""}']
)
def test_what_holds_no_key_is_refused_without_showing_it(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Failed, match="not an API key") as failed:
        source(file=written(tmp_path, content)).api_key(variable=VARIABLE)

    assert failed.value.code == 2


def test_half_a_pair_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(Failed) as failed:
        source(file=written(tmp_path, b'{"identifier": "half"}')).credentials(variables=BOTH)

    assert failed.value.code == 2
    assert "half" not in str(failed.value)


def test_no_credentials_at_all_are_named() -> None:
    with pytest.raises(Failed, match=f"set {VARIABLE}"):
        source().api_key(variable=VARIABLE)
    with pytest.raises(Failed, match=f"set {BOTH[1]}"):
        source({BOTH[0]: "x"}).credentials(variables=BOTH)


def test_two_places_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="not both") as failed:
        source(file=tmp_path, secret_id="main")

    assert failed.value.code == 2


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path if content is None else written(tmp_path, content)

    with pytest.raises(Failed, match=r"^--secret-file ") as failed:
        source(file=file).api_key(variable=VARIABLE)

    assert failed.value.code == 2


def test_a_secret_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Failed, match="gone: ResourceNotFoundException") as failed:
        source(secret_id="gone").api_key(variable=VARIABLE)

    assert failed.value.code == 3
