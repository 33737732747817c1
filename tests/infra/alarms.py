"""The alarms of a stage, by the name that follows the stage's."""

from tests.infra.assembly import Assembly, Json

MINUTE, HOUR, DAY = 60, 3600, 86_400
LAST_STOPS = (
    "signups-dead",
    "polls-dead",
    "notifications-dead",
    "deliveries-dead",
    "redeliveries-dead",
    "quarantine",
    "unidentified",
    "undelivered",
    "unpublished",
)


def alarms(assembly: Assembly) -> dict[str, Json]:
    prefix = f"couponbus-{assembly.stage}-"
    return {
        each.properties["AlarmName"].removeprefix(prefix): each.properties
        for each in assembly.of("AWS::CloudWatch::Alarm")
    }


def dimensions_of(alarm: Json) -> dict[str, object]:
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


def metrics_of(assembly: Assembly) -> set[tuple[str, ...]]:
    return {
        (alarm["Namespace"], alarm["MetricName"], str(alarm["Dimensions"]))
        for alarm in alarms(assembly).values()
    }
