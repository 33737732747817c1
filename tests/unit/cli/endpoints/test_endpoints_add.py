"""An endpoint is added with a secret that is stored before it, and shown once."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from couponbus.aws.webhooks.signing_keys import SigningSecret
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.domain.webhooks.directory import ENDPOINTS_MAX
from couponbus.domain.webhooks.endpoint import Endpoint, endpoint_key
from couponbus.domain.webhooks.signature import key_of
from couponbus.ports.shared import Conflict
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.webhooks import TOKEN, a_stage, an_endpoint, stored
from tests.webhook_factories import directory_of

URL = f"https://Hooks.Shop.example/{TOKEN}"
ADD = ("endpoints", "add", URL, "--stage", "dev")


class Overtaken(MemoryLedger):
    """A ledger in which another operator adds the same endpoint just before."""

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        theirs = an_endpoint()
        super().write_together([theirs.written("other"), directory_of(theirs).written("other")])
        return super().write_together(rows)


class Silent(MemoryLedger):
    """A ledger that stores everything and loses each answer."""

    def write_together(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        super().write_together(rows)
        raise LedgerUnavailable("write: ReadTimeoutError")


def test_its_secret_is_stored_and_shown_once_and_its_url_is_not() -> None:
    stage = FakeStage()

    outcome = stage.run(*ADD)

    endpoint = stored(stage, "hooks-shop-example")
    [secret] = stage.signing.secrets_of("hooks-shop-example")
    assert outcome.code == 0
    assert (endpoint.url, endpoint.pattern) == (f"https://hooks.shop.example/{TOKEN}", "{}")
    assert outcome.out.count(secret) == 1
    assert len(key_of(secret)) == 32
    assert "hooks-shop-example is added: https://hooks.shop.example/… gets everything." in (
        outcome.out
    )
    assert "couponbus endpoints test hooks-shop-example" in outcome.out
    assert TOKEN not in outcome.out


def test_a_program_gets_the_secret_too() -> None:
    stage = FakeStage()

    code, data = stage.run_json(
        *ADD,
        *("--id", "shop", "--events", "BarcodeIssued, WatchEnded", "--scope", "barcode:read"),
        *("--rate", "20", "--description", "orders"),
    )

    assert code == 0
    assert [data.pop("secret")] == stage.signing.secrets_of("shop")
    assert data == {
        "endpoint_id": "shop",
        "tenant": "default",
        "url": "https://hooks.shop.example/…",
        "state": "ACTIVE",
        "reason": None,
        "since": "2026-06-01T12:00:00+00:00",
        "failing_since": None,
        "events": {"detail-type": ["BarcodeIssued", "WatchEnded"]},
        "scopes": ["barcode:read"],
        "rate": 20,
        "description": "orders",
        "recent": {"events": 0, "matching": 0},
    }


def test_full_numbers_are_warned_of() -> None:
    outcome = FakeStage().run(*ADD, "--scope", "barcode:read")

    assert (
        "It receives full barcode numbers, and a number is enough to redeem the barcode."
        in outcome.out
    )


def test_what_shops_attach_is_warned_of() -> None:
    outcome = FakeStage().run(*ADD, "--scope", "custom_params:read")

    assert (
        "It receives what shops attach to redemptions, and that may name a person." in outcome.out
    )


def test_a_pattern_may_be_written_out_or_in_a_file(tmp_path: Path) -> None:
    pattern = {"detail": {"data": {"account": ["main"]}}}
    file = tmp_path / "pattern.json"
    file.write_text(json.dumps(pattern, indent=2))
    stage = FakeStage()

    stage.run(*ADD, "--id", "one", "--events", json.dumps(pattern))
    outcome = stage.run(*ADD, "--id", "two", "--events", f"@{file}")

    assert json.loads(stored(stage, "one").pattern) == pattern
    assert stored(stage, "two").pattern == stored(stage, "one").pattern
    assert 'gets {"detail":{"data":{"account":["main"]}}}.' in outcome.out


@pytest.mark.parametrize(
    "events",
    [
        '{"detail.data.account": ["main"]}',
        '{"source": [{"prefix": "couponbus.u"}], "detail": {"data": {"watch_id": ["w"]}}}',
        '{"detail": {"metadata": {"tenant": ["default"]}, "data": {"new": [{"exists": false}]}}}',
        '{"$or": [{"type": ["x"]}, {"detail-type": ["WatchEnded"]}]}',
        '{"detail-type": [{"anything-but": "WatchEnded"}]}',
    ],
)
def test_a_pattern_that_some_event_can_match_is_taken(events: str) -> None:
    assert FakeStage().run(*ADD, "--events", events).code == 0


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ('{"detail": {"data": "main"}}', 'detail.data: write a list of values, such as ["main"]'),
        ("{", "--events: the pattern is no JSON"),
        ("", "--events: the pattern is no JSON"),
        ("BarcodeIssued,CodeRedeemed", "there is no event CodeRedeemed; there are BarcodeAmbi"),
        (
            '{"type": ["BarcodeIssued"]}',
            "it would never match; type: no event has it: a pattern sees the event on the bus, not"
            " the webhook; write detail-type",
        ),
        ('{"data": {"account": ["main"]}}', "write detail.data.account"),
        ('{"detail": {"account": ["main"]}}', "did you mean detail.data.account?"),
        ('{"detail": {"data": {"accounts": ["main"]}}}', "did you mean detail.data.account?"),
        ('{"detail-type": ["CodeRedeemed"]}', "no event has all of this together: detail-type"),
        ('{"source": ["shop"]}', "no event has all of this together: source"),
        (
            '{"detail-type": ["BarcodeIssued"], "detail": {"data": {"watch_id": ["w"]}}}',
            "no event has all of this together: detail-type, detail.data.watch_id",
        ),
        ('{"detail-type": ["BarcodeIssued"], "source": ["couponbus.koupon"]}', "no event has all"),
        ('{"$or": [{"x": [1]}, {"y": [{"exists": true}]}]}', "x: no event has it; there are"),
        ("@cli/none.json", "--events: cli/none.json cannot be read: No such file or directory"),
    ],
)
def test_what_is_wrong_with_the_events_is_said_with_its_place(events: str, said: str) -> None:
    stage = FakeStage()

    outcome = stage.run(*ADD, "--events", events)

    assert outcome.code == 1
    assert said in outcome.err
    assert (stage.ledger.rows, stage.signing.document) == ({}, {})


def test_a_file_of_an_editor_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "pattern.json"
    file.write_text('{"detail-type": ["BarcodeIssued"]}', encoding="utf-8-sig")
    stage = FakeStage()

    stage.run(*ADD, "--id", "one", "--events", f"@{file}")

    assert stored(stage, "one").pattern == '{"detail-type":["BarcodeIssued"]}'


def test_a_file_that_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "pattern").write_bytes(b"\xff{}")

    assert "is not UTF-8 text" in FakeStage().run(*ADD, "--events", f"@{tmp_path}/pattern").err


@pytest.mark.parametrize(
    ("url", "stage_name", "said"),
    [
        (f"http://hooks.shop.example/{TOKEN}", "dev", "must start with https://"),
        (f"https://10.0.0.1/{TOKEN}", "dev", "has an IP address for a host"),
        (f"https://hooks.shop.example:8443/{TOKEN}", "prod", "names a port"),
        (f"http://10.0.0.1:9000/{TOKEN}", "local", "leads away from this machine"),
    ],
)
def test_a_url_that_may_not_be_called_is_refused_without_a_word_of_it(
    url: str, stage_name: str, said: str
) -> None:
    outcome = FakeStage().run("endpoints", "add", url, "--stage", stage_name)

    assert outcome.code == 1
    assert said in outcome.err
    assert TOKEN not in outcome.err


def test_the_local_stage_calls_this_machine() -> None:
    stage = FakeStage()

    assert stage.run("endpoints", "add", "http://127.0.0.1:9000/").code == 0
    assert stored(stage, "127-0-0-1-9000").url == "http://127.0.0.1:9000/"


def test_an_id_made_of_the_host_is_one_that_no_endpoint_has_or_had() -> None:
    stage = FakeStage()

    for _ in range(2):
        stage.run(*ADD)
    stage.run("endpoints", "remove", "hooks-shop-example-2", "--yes")
    stage.run(*ADD)

    assert stored(stage, "hooks-shop-example-3").url


def test_too_many_of_one_host_need_names() -> None:
    crowd = [an_endpoint(f"h-example-{number}") for number in range(2, 50)]
    stage = a_stage(an_endpoint("h-example"), *crowd)
    one_more = ("endpoints", "add", "https://h.example/", "--stage", "dev")

    unnamed = stage.run(*one_more)
    namesake = stage.run(*one_more, "--id", "h-example")
    named = stage.run(*one_more, "--id", "h")

    assert "many endpoints are called h-example: give --id" in unnamed.err
    assert "there is an endpoint h-example already: choose another --id" in namesake.err
    assert (unnamed.code, namesake.code, named.code) == (1, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--id", "Shop"), 1, "--id: use a-z, 0-9 and - for the id"),
        (("--description", "x" * 201), 1, "--description: use at most 200"),
        (("--rate", "0"), 2, "--rate"),
        (("--scope", "barcode:write"), 2, "--scope"),
    ],
)
def test_other_mistakes_are_named_before_anything_is_stored(
    arguments: tuple[str, ...], code: int, said: str
) -> None:
    stage = FakeStage()

    outcome = stage.run(*ADD, *arguments)

    assert (outcome.code, said in outcome.err) == (code, True)
    assert stage.signing.document == {}


def test_the_faster_operator_keeps_the_endpoint_with_their_secret_alone() -> None:
    stage = FakeStage(Overtaken())
    theirs = SigningSecret(secret="whsec_theirs")
    stage.signing.document = {"shop": (theirs,)}

    outcome = stage.run(*ADD, "--id", "shop")

    assert outcome.code == 1
    assert "ENDPOINT#shop is there already: nothing was added" in outcome.err
    assert stage.signing.document == {"shop": (theirs,)}


def test_more_endpoints_than_a_tenant_may_have_leave_no_secret() -> None:
    stage = a_stage(*(an_endpoint(f"e-{number}") for number in range(ENDPOINTS_MAX)))

    outcome = stage.run(*ADD)

    assert outcome.code == 1
    assert f"tenant default has {ENDPOINTS_MAX} endpoints" in outcome.err
    assert "remove one that is not needed" in outcome.err
    assert stage.signing.document == {}


def test_a_secret_that_cannot_be_stored_leaves_no_endpoint() -> None:
    stage = FakeStage()
    stage.signing.will_fail()

    outcome = stage.run(*ADD)

    assert outcome.code == 3
    assert "AWS does not answer (ThrottlingException)" in outcome.err
    assert stage.ledger.rows == {}


def test_an_endpoint_of_which_nothing_is_known_keeps_its_secret() -> None:
    stage = FakeStage(Silent())

    outcome = stage.run(*ADD, "--id", "shop")

    assert outcome.code == 3
    assert "it is not known whether shop was added" in outcome.err
    assert "couponbus endpoints rotate shop" in outcome.err
    assert isinstance(stage.ledger.rows[endpoint_key("shop")], Endpoint)
    assert len(stage.signing.secrets_of("shop")) == 1
