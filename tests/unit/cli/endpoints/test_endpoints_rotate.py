"""A rotation adds a new secret to the old ones, which end when the operator says."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from couponbus.aws.webhooks.signing_keys import SigningSecret
from couponbus.domain.errors import LedgerUnavailable
from couponbus.domain.row import Row
from couponbus.ports.shared import Conflict
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.spans import LONGEST, moment_of, span_of, typed_moment
from couponbus_cli.endpoints.signing_lists import (
    VALID_MAX,
    rotated,
    with_first,
    without,
    without_one,
)
from tests.fakes.clock import NOON
from tests.fakes.ledger import MemoryLedger
from tests.unit.cli.stage import FakeStage
from tests.unit.cli.webhooks import DAY, HOUR, a_stage, an_endpoint, stored

OLD = SigningSecret(secret="whsec_old")
OLDER = SigningSecret(secret="whsec_older", until=NOON + HOUR)
ENDED = SigningSecret(secret="whsec_ended", until=NOON)


def a_stage_with(*secrets: SigningSecret) -> FakeStage:
    stage = a_stage(an_endpoint())
    stage.signing.document = {"shop": secrets}
    return stage


def test_the_new_secret_is_shown_once_and_the_old_ones_sign_for_a_day() -> None:
    stage = a_stage_with(OLD, OLDER, ENDED)

    outcome = stage.run("endpoints", "rotate", "shop")

    first, *others = stage.signing.document["shop"]
    assert outcome.code == 0
    assert outcome.out.count(first.secret) == 1
    assert others == [SigningSecret(secret=OLD.secret, until=NOON + DAY), OLDER]
    assert "2 older secrets sign every webhook as well, until 2026-06-02 12:00:00 UTC" in (
        outcome.out
    )
    assert [step.what for step in stored(stage).trail] == ["secret rotated"]


def test_a_program_gets_the_secret_too() -> None:
    stage = a_stage_with(OLD)

    code, data = stage.run_json("endpoints", "rotate", "shop", "--overlap", "7d")

    assert code == 0
    assert data == {
        "endpoint_id": "shop",
        "secret": stage.signing.document["shop"][0].secret,
        "others_until": ["2026-06-08T12:00:00+00:00"],
    }


def test_without_an_overlap_the_old_ones_end_at_once_and_that_is_warned_of() -> None:
    stage = a_stage_with(OLD, OLDER)

    outcome = stage.run("endpoints", "rotate", "shop", "--overlap", "0h")

    assert outcome.code == 0
    assert len(stage.signing.document["shop"]) == 1
    assert "No other secret is valid." in outcome.out
    assert "a receiver that has only an old one refuses every webhook" in outcome.out


def test_no_more_than_five_secrets_sign() -> None:
    stage = a_stage_with(OLD)
    for _ in range(VALID_MAX - 1):
        assert stage.run("endpoints", "rotate", "shop").code == 0

    refused = stage.run("endpoints", "rotate", "shop")
    at_once = stage.run("endpoints", "rotate", "shop", "--overlap", "0h")

    assert refused.code == 1
    assert "shop has 5 secrets that are still valid" in refused.err
    assert "ends 2026-06-02 12:00:00 UTC (in 24 h)" in refused.err
    assert at_once.code == 0


class Silent(MemoryLedger):
    """Takes nothing."""

    def write(self, rows: Sequence[Row]) -> Sequence[Conflict]:
        raise LedgerUnavailable("write: ThrottlingException")


def test_a_secret_that_is_in_force_is_shown_even_if_that_cannot_be_noted() -> None:
    stage = FakeStage(Silent(an_endpoint().written("test")))

    outcome = stage.run("endpoints", "rotate", "shop")

    assert outcome.code == 0
    assert stage.signing.secrets_of("shop")[0] in outcome.out
    assert "could not be recorded in the ledger: AWS does not answer (ThrottlingException)" in (
        outcome.out
    )


@pytest.mark.parametrize("overlap", ["1 day", "24", "-1h", "31d", "", "1w"])
def test_an_overlap_that_is_no_duration_or_too_long_is_not_understood(overlap: str) -> None:
    outcome = a_stage_with(OLD).run("endpoints", "rotate", "shop", "--overlap", overlap)

    assert (outcome.code, "--overlap" in outcome.err) == (2, True)


def test_doing_it_again_changes_nothing() -> None:
    once = with_first({"erp": (OLD,)}, endpoint_id="shop", secret="whsec_new")
    turned = rotated(
        {"shop": (OLD,)}, endpoint_id="shop", secret="whsec_new", now=NOON, ends=NOON + DAY
    )

    assert with_first(once, endpoint_id="shop", secret="whsec_new") == once
    assert turned == rotated(
        turned, endpoint_id="shop", secret="whsec_new", now=NOON + HOUR, ends=NOON + 2 * DAY
    )
    assert without(once, endpoint_id="missing") == once


def test_one_secret_can_be_taken_back_and_the_others_stay() -> None:
    both = with_first({"shop": (OLD,)}, endpoint_id="shop", secret="whsec_new")

    left = without_one(both, endpoint_id="shop", secret="whsec_new")

    assert left == {"shop": (OLD,)}
    assert without_one(left, endpoint_id="shop", secret="whsec_old") == {}


def test_an_endpoint_that_has_lost_its_secrets_gets_one_by_a_rotation() -> None:
    after = rotated({}, endpoint_id="shop", secret="whsec_new", now=NOON, ends=NOON + DAY)

    assert [one.secret for one in after["shop"]] == ["whsec_new"]


def test_too_many_are_counted_only_while_they_are_valid() -> None:
    ended = tuple(SigningSecret(secret=f"whsec_{n}", until=NOON) for n in range(9))

    after = rotated({"shop": ended}, endpoint_id="shop", secret="new", now=NOON, ends=NOON + DAY)
    assert len(after["shop"]) == 1

    valid = tuple(SigningSecret(secret=f"whsec_{n}", until=NOON + HOUR) for n in range(VALID_MAX))
    with pytest.raises(Failed):
        rotated({"shop": valid}, endpoint_id="shop", secret="new", now=NOON, ends=NOON + DAY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90s", NOON - timedelta(seconds=90)),
        ("30m", NOON - timedelta(minutes=30)),
        ("30min", NOON - timedelta(minutes=30)),
        (" 24h ", NOON - DAY),
        ("2026-06-01T10:00Z", NOON - 2 * HOUR),
        ("2026-06-01T12:00:00+02:00", NOON - 2 * HOUR),
        ("999999999d", NOON - LONGEST),
    ],
)
def test_moments_are_read_as_they_are_typed(typed: str, meant: object) -> None:
    assert moment_of(typed_moment(typed, option="--since"), now=NOON) == meant


def test_a_duration_is_longer_in_larger_units() -> None:
    spans = [span_of(text, option="--overlap") for text in ("59s", "1min", "1h", "1d")]

    assert spans == sorted(spans)
