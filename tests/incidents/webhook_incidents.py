"""What goes wrong with the endpoints of subscribers."""

from collections.abc import Sequence

from couponbus.ports.webhooks import Sent
from tests.fakes.webhooks import answered, unanswered
from tests.incidents.account import RunningStage
from tests.incidents.incident import Act, Incident
from tests.incidents.operators import remove_endpoints, start, stop
from tests.incidents.stage import url_of
from tests.incidents.traffic import sign_ups

ENDPOINT = "shop"
DAY = 24 * 60


def has_an_endpoint(stage: RunningStage) -> None:
    stage.parts.has_endpoint(ENDPOINT)


def endpoint_answers(answer: Sent) -> Act:
    """Let the endpoint answer all webhooks like this."""

    def act(stage: RunningStage) -> None:
        stage.parts.webhooks.always(url_of(ENDPOINT), answer)

    return act


INCIDENTS: Sequence[Incident] = (
    Incident(
        name="an endpoint is dead for five days",
        begins=has_an_endpoint,
        breaks=endpoint_answers(unanswered()),
        mends=remove_endpoints,
        traffic=(sign_ups(every=240),),
        lasts=5 * DAY + DAY // 2,
        stride=12,
        levels={"sweep_due-EndpointsDisabled": 5 * DAY + DAY // 4},
        events={"deliver_webhooks-Exhausted": 4 * DAY},
    ),
    Incident(
        name="an endpoint is gone",
        begins=has_an_endpoint,
        breaks=endpoint_answers(answered(410)),
        mends=remove_endpoints,
        lasts=30,
        levels={"sweep_due-EndpointsDisabled": 5},
        events={"deliver_webhooks-Exhausted": 2},
    ),
    Incident(
        name="an endpoint fails for a minute",
        begins=has_an_endpoint,
        breaks=endpoint_answers(answered(503)),
        mends=endpoint_answers(answered(204)),
        lasts=1,
    ),
    Incident(
        name="fan-out is not started",
        begins=has_an_endpoint,
        breaks=stop("fan_out_webhooks"),
        mends=start("fan_out_webhooks"),
        lasts=30,
        levels={"notifications-old": 13},
    ),
)
