"""The durations that keep two attempts apart, as deployed (docs/reliability.md#timing-chain)."""

import pytest

from couponbus.domain import durations
from couponbus.usecases.polling.fetch import POLL_SLOT_WAIT
from couponbus.usecases.polling.schedule_polls import USELESS_AFTER
from couponbus.usecases.rate_limited_calls import CALL_TIMEOUT, SAVE_MARGIN
from tests.infra.assembly import Assembly

DAY = 86_400
SWEEP = 60
STREAM_KEEPS = DAY


def seconds(assembly: Assembly, function: str, name: str) -> float:
    variables = assembly.functions[function].properties["Environment"]["Variables"]
    return float(variables[f"{name}_SECONDS"])


@pytest.fixture(params=["dev", "prod", "local"])
def stage(request: pytest.FixtureRequest) -> Assembly:
    assembly: Assembly = request.getfixturevalue(request.param)
    return assembly


def test_a_post_ends_before_its_claim_its_claim_before_the_message_returns(
    stage: Assembly,
) -> None:
    queue = stage.by_name("AWS::SQS::Queue")[f"couponbus-{stage.stage}-signups"]
    timeout = stage.functions["issue_barcodes"].properties["Timeout"]
    post = seconds(stage, "issue_barcodes", "POST")

    assert post + durations.POST_MARGIN < timeout < queue.properties["VisibilityTimeout"]


def test_reconciling_starts_when_no_attempt_can_still_be_running(stage: Assembly) -> None:
    timeout = stage.functions["issue_barcodes"].properties["Timeout"]

    assert seconds(stage, "issue_barcodes", "SETTLE") > timeout
    assert seconds(stage, "issue_barcodes", "BETWEEN_LOOK_UPS") >= 60


def test_the_auditor_waits_for_as_long_as_the_issuer(stage: Assembly) -> None:
    assert seconds(stage, "audit_barcodes", "SETTLE") == seconds(stage, "issue_barcodes", "SETTLE")


def test_the_sweeper_and_the_issuer_agree_for_how_long_a_row_is_handed_over(
    stage: Assembly,
) -> None:
    issuer = seconds(stage, "issue_barcodes", "HANDOVER")

    assert seconds(stage, "sweep_due", "HANDOVER") == issuer > SWEEP
    assert seconds(stage, "poll_redemptions", "HANDOVER") == issuer


def test_the_sweeper_publishes_long_before_the_stream_forgets(stage: Assembly) -> None:
    for function in ("issue_barcodes", "schedule_polls", "poll_redemptions"):
        assert seconds(stage, function, "PUBLISH_GRACE") + SWEEP < STREAM_KEEPS


def test_a_poll_and_its_writes_fit_many_times_into_an_invocation(stage: Assembly) -> None:
    timeout = stage.functions["poll_redemptions"].properties["Timeout"]
    one_poll = POLL_SLOT_WAIT + (CALL_TIMEOUT + SAVE_MARGIN).total_seconds()

    assert timeout > 5 * one_poll
    # A watch that was handed over is not handed over again while a poller may work on it.
    assert timeout <= seconds(stage, "sweep_due", "HANDOVER")


def test_a_due_poll_is_dropped_before_its_message_could_be_delivered_a_third_time(
    stage: Assembly,
) -> None:
    queue = stage.by_name("AWS::SQS::Queue")[f"couponbus-{stage.stage}-polls"].properties

    assert USELESS_AFTER.total_seconds() < 2 * queue["VisibilityTimeout"]


@pytest.mark.parametrize("name", ["signups", "polls"])
def test_messages_are_kept_for_longer_than_a_redelivery_chain_lasts(
    name: str, stage: Assembly
) -> None:
    queue = stage.by_name("AWS::SQS::Queue")[f"couponbus-{stage.stage}-{name}"].properties
    receives = queue["RedrivePolicy"]["maxReceiveCount"]

    assert receives * queue["VisibilityTimeout"] < queue["MessageRetentionPeriod"]


def test_the_domain_accepts_the_deployed_chain(stage: Assembly) -> None:
    timing = durations.timing(
        settle=seconds(stage, "issue_barcodes", "SETTLE"),
        answered_settle=seconds(stage, "issue_barcodes", "ANSWERED_SETTLE"),
        between_look_ups=seconds(stage, "issue_barcodes", "BETWEEN_LOOK_UPS"),
        post=seconds(stage, "issue_barcodes", "POST"),
        publish_grace=seconds(stage, "issue_barcodes", "PUBLISH_GRACE"),
        handover=seconds(stage, "issue_barcodes", "HANDOVER"),
        resolve_for=seconds(stage, "issue_barcodes", "RESOLVE_FOR"),
    )
    timeout = stage.functions["issue_barcodes"].properties["Timeout"]

    assert timing.needed_to_post.total_seconds() < timeout
