"""A command finds its stage: `make up` by its file, AWS by the usual credentials."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.provider import Provider
from couponbus_cli.app.deployment import StackDeployment
from couponbus_cli.app.failing import Failed, failure_of
from couponbus_cli.app.stage import Stage, target_of
from couponbus_cli.app.world import open_world
from couponbus_cli.main import main
from tests.hostile_shell import SHELL

REACH = {
    "endpoint_url": "https://127.0.0.1:9",
    "region": "eu-west-1",
    "aws_access_key_id": "test-key-not-real",
    "aws_secret_access_key": "test-secret-not-real",
    "ca_bundle": "",
}


@pytest.fixture
def up_file(tmp_path: Path) -> Path:
    path = tmp_path / "up.json"
    path.write_text(json.dumps(REACH))
    return path


def test_the_local_stage_is_reached_as_its_file_says(up_file: Path) -> None:
    target = target_of(Stage.LOCAL, up_file=up_file)

    assert target.table == "couponbus-local"
    assert target.part("signups-dead") == "couponbus-local-signups-dead"
    assert target.secret("webhooks") == "couponbus/local/webhooks"
    for client in (target.dynamodb(), target.sqs(), target.functions(), target.secrets()):
        assert client.meta.endpoint_url == "https://127.0.0.1:9"
        assert client.meta.region_name == "eu-west-1"


def test_the_local_stage_is_one_of_the_installation_that_is_up(up_file: Path) -> None:
    up_file.write_text(json.dumps(REACH | {"installation": "acme"}))

    target = target_of(Stage.LOCAL, up_file=up_file)

    assert target.table == "acme-local"
    assert target.secret("webhooks") == "acme/local/webhooks"
    assert target.stage == Stage.LOCAL


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SHELL.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("hostile")
def test_nothing_in_the_shell_leads_away_from_the_local_stage(up_file: Path) -> None:
    reach = json.loads(up_file.read_text())
    with socket.create_server(("127.0.0.1", 0)) as engine:
        port = engine.getsockname()[1]
        up_file.write_text(json.dumps(reach | {"endpoint_url": f"http://127.0.0.1:{port}"}))
        target = target_of(Stage.LOCAL, up_file=up_file)
        with ThreadPoolExecutor() as pool:
            asked = pool.submit(hear_one_request, engine)
            tables = target.dynamodb().list_tables()["TableNames"]

    assert tables == []
    assert "Credential=test-key-not-real/" in asked.result()
    assert "/eu-west-1/dynamodb/aws4_request" in asked.result()
    assert "x-amz-security-token" not in asked.result().lower()


def hear_one_request(engine: socket.socket) -> str:
    """Answer as a DynamoDB without tables, and return the request."""
    connection, _ = engine.accept()
    with connection:
        asked = connection.recv(65536).decode()
        body = '{"TableNames": []}'
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return asked


@pytest.mark.parametrize(
    ("region", "default", "used"),
    [
        ("eu-west-1", None, "eu-west-1"),
        (None, "eu-west-2", "eu-west-2"),
        ("eu-west-1", "eu-west-2", "eu-west-1"),
        ("", "eu-west-2", "eu-west-2"),
    ],
)
def test_a_deployed_stage_is_in_the_region_of_the_shell(
    region: str | None,
    default: str | None,
    used: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {"AWS_REGION": region, "AWS_DEFAULT_REGION": default}.items():
        if value is not None:
            monkeypatch.setenv(name, value)

    assert target_of(Stage("prod")).dynamodb().meta.region_name == used

    said = capsys.readouterr().err
    assert (used in said) == bool(region and default)


def test_a_profile_says_the_region_when_the_shell_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[profile retail]\nregion = eu-north-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "retail")

    assert target_of(Stage("prod")).dynamodb().meta.region_name == "eu-north-1"


@pytest.mark.parametrize(
    "name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS"]
)
@pytest.mark.parametrize("host", ["127.0.0.1:4566", "localhost:4566", "[::1]:4566"])
def test_an_endpoint_left_over_from_make_up_does_not_steer_a_deployed_stage(
    name: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv(name, f"https://{host}")

    with pytest.raises(Failed, match=rf"prod is deployed to AWS: unset {name} \(and") as refusal:
        open_world(Stage("prod"))

    assert refusal.value.code == 3


def test_an_endpoint_of_a_profile_is_found_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = "[profile mine]\nregion = eu-west-1\nendpoint_url = http://localhost:4566\n"
    (tmp_path / "config").write_text(config)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "mine")

    with pytest.raises(Failed, match="unset endpoint_url of the AWS profile"):
        target_of(Stage("dev")).sqs()


def test_an_endpoint_elsewhere_is_the_callers_own_affair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com")

    assert "vpce-1" in target_of(Stage("prod")).dynamodb().meta.endpoint_url


def test_a_local_stage_that_is_not_up_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="run `make up`") as refusal:
        target_of(Stage.LOCAL, up_file=tmp_path / "up.json")

    assert refusal.value.code == 3


@pytest.mark.parametrize("content", ["{", "[]", '{"region": "eu-west-1"}', "\xff"])
def test_a_broken_file_says_what_to_do(up_file: Path, content: str) -> None:
    up_file.write_bytes(content.encode("latin-1"))

    with pytest.raises(Failed, match="cannot be read: stop `make up`") as refusal:
        target_of(Stage.LOCAL, up_file=up_file)

    assert refusal.value.code == 3


def test_the_secrets_of_a_target_are_not_in_its_text(up_file: Path) -> None:
    assert "not-real" not in repr(target_of(Stage.LOCAL, up_file=up_file))


def test_without_credentials_a_stage_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    with pytest.raises(LedgerUnavailable, match="NoCredentialsError"):
        open_world(Stage("dev")).programs.active()


@pytest.mark.parametrize(
    ("argument", "said", "code"),
    [("--stage=dev", "no region", 3), ("--stage=local", "run `make up`", 3)],
)
def test_the_command_ends_with_a_sentence_where_nothing_can_be_reached(
    argument: str,
    said: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["couponbus", "status", argument])

    with pytest.raises(SystemExit) as exit_:
        main()

    assert exit_.value.code == code
    assert said in capsys.readouterr().err


def deployed_with(up_file: Path, accounts: dict[str, str]) -> StackDeployment:
    """Return a stage whose template can be read once."""
    target = target_of(Stage.LOCAL, up_file=up_file)
    client = target.stacks()
    stubber = Stubber(client)
    stubber.add_response(
        "get_template",
        {"TemplateBody": json.dumps({"Metadata": {"couponbus": accounts}})},
        {"StackName": "couponbus-local-workers"},
    )
    stubber.activate()
    return StackDeployment(client=client, target=target)


def test_the_accounts_are_those_of_the_deployed_stack(up_file: Path) -> None:
    accounts = [{"name": "main", "base_url": "x"}, {"name": "brand-b", "base_url": "y"}]

    deployment = deployed_with(up_file, {"CONIQ_ACCOUNTS": json.dumps(accounts)})

    assert deployment.accounts() == {"main", "brand-b"}


@pytest.mark.parametrize("value", [None, "{", '["main"]', '[{"title": "main"}]'])
def test_a_stack_that_does_not_name_its_accounts_is_not_ours(
    up_file: Path, value: str | None
) -> None:
    deployment = deployed_with(up_file, {} if value is None else {"CONIQ_ACCOUNTS": value})

    with pytest.raises(Failed, match="couponbus-local-workers does not say"):
        deployment.accounts()


def test_a_stage_that_is_not_deployed_is_said_to_be_so(up_file: Path) -> None:
    target = target_of(Stage.LOCAL, up_file=up_file)
    client = target.stacks()
    stubber = Stubber(client)
    stubber.add_client_error("get_template", service_error_code="ValidationError")
    stubber.activate()

    with pytest.raises(ClientError) as refused:
        StackDeployment(client=client, target=target).polled()

    failure = failure_of(refused.value)
    assert failure is not None
    assert (failure.code, "is it deployed" in str(failure)) == (3, True)


def polled_account(name: str, *, calls_per_day: int | None) -> dict[str, object]:
    return {
        "name": name,
        "base_url": "https://api.example.com",
        "calls_per_second": 2,
        "calls_per_day": calls_per_day,
        "max_interval_seconds": 172800,
    }


def test_the_polled_accounts_come_with_their_budgets_and_all_of_it_is_read_once(
    up_file: Path,
) -> None:
    deployment = deployed_with(
        up_file,
        {
            "CONIQ_ACCOUNTS": json.dumps([{"name": "main", "base_url": "https://a.example.com"}]),
            "UNIQODO_ACCOUNTS": json.dumps([polled_account("main", calls_per_day=50_000)]),
            "KOUPON_ACCOUNTS": json.dumps([polled_account("brand-b", calls_per_day=None)]),
        },
    )

    uniqodo, koupon = deployment.polled()

    assert (uniqodo.provider, uniqodo.name) == (Provider.UNIQODO, "main")
    assert (uniqodo.calls_per_second, uniqodo.calls_per_day) == (2.0, 50_000)
    assert (koupon.provider, koupon.name) == (Provider.KOUPON, "brand-b")
    assert (koupon.calls_per_day, koupon.max_interval_seconds) == (None, 172_800.0)
    assert deployment.provider_urls() == {
        "coniq main": "https://a.example.com",
        "uniqodo main": "https://api.example.com",
        "koupon brand-b": "https://api.example.com",
    }


@pytest.mark.parametrize("value", [None, "[1]", '[{"name": "main"}]'])
def test_a_stack_of_another_version_is_recognised(up_file: Path, value: str | None) -> None:
    accounts = {"UNIQODO_ACCOUNTS": "[]"}
    accounts |= {} if value is None else {"KOUPON_ACCOUNTS": value}

    with pytest.raises(Failed, match=r"workers does not say .*: deploy this version"):
        deployed_with(up_file, accounts).polled()
