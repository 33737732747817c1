"""When an operator is called, and why (docs/reliability.md#alarms); not in the local stage."""

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.constructs.alarms import (
    Alarms,
    Condition,
    function_metric,
    own_metric,
    queue_metric,
)
from infra.constructs.overview import Overview
from infra.names import Names

QUARTER_OF_AN_HOUR_S = 15 * 60
HOUR_MS = 60 * 60 * 1000
MISSED_TICKS = 3

# What waits here waits for a person.
LAST_STOPS = {
    "signups-dead": "Sign-ups failed again and again: look at the logs, correct, redrive",
    "polls-dead": "Commands about watches failed again and again: correct, redrive",
    "notifications-dead": "Events could not be passed on: correct, redrive; nothing is told twice",
    "deliveries-dead": "Hints failed again and again: the ledger has the deliveries, find out why",
    "redeliveries-dead": "Hints failed again and again: the sweeper repeats them, find out why",
    "quarantine": "Sign-ups were unreadable: their producer must correct them",
    "undelivered": "A rule or a schedule could not deliver: nothing reads these messages",
    "unpublished": "Stream records were given up; the sweeper publishes them, find out why",
}
WORK_QUEUES = {
    "signups": "Sign-ups wait for more than 15 minutes: Coniq, its rate limit or our function",
    "polls": "Polls wait for more than 15 minutes: a provider, its rate limit or our function",
    "notifications": "Events wait for more than 15 minutes to become webhooks: our function",
    "deliveries": "First attempts wait for more than 15 minutes: more endpoints hang than usual",
    "redeliveries": "Repeated attempts wait for more than 15 minutes: many endpoints hang",
}
FUNCTIONS = (
    "issue_barcodes",
    "publish_events",
    "sweep_due",
    "audit_barcodes",
    "schedule_polls",
    "poll_redemptions",
    "fan_out_webhooks",
    "deliver_webhooks",
    "receive_callback",
)
BROKEN = "What this version can neither read nor store waits: the log names its keys"
FACTS = (
    *((function, "BrokenRows", BROKEN) for function in FUNCTIONS if function != "receive_callback"),
    ("issue_barcodes", "Ambiguous", "It cannot be told which barcode is whose: couponbus resolve"),
    ("issue_barcodes", "Unauthorised", "Coniq refuses our key: put a valid one into the secret"),
    (
        "issue_barcodes",
        "Braked",
        "Nothing is posted to an account at Coniq: couponbus status, then account resume",
    ),
    (
        "issue_barcodes",
        "Anomalies",
        "Coniq answers with barcodes other than those asked for: probe",
    ),
    ("issue_barcodes", "ContractBroken", "Coniq answers what its contract does not allow"),
    (
        "issue_barcodes",
        "Unmatched",
        "No program matches a sign-up: mend the program, then couponbus programs rematch",
    ),
    ("issue_barcodes", "Misconfigured", "A program names an account that is not deployed"),
    ("audit_barcodes", "DuplicatesFound", "A customer has two barcodes for one sign-up"),
    ("audit_barcodes", "MissingFound", "Coniq does not show a barcode that was published"),
    ("audit_barcodes", "RefusedFound", "A customer was refused and has a barcode all the same"),
    (
        "sweep_due",
        "Braked",
        "An account at Coniq is still posted nothing: couponbus status, then account resume",
    ),
    (
        "sweep_due",
        "Failed",
        "Due rows could not be handed over or published: its Unsent… name the queue",
    ),
    (
        "schedule_polls",
        "BudgetExceeded",
        "More is due than an account may be asked: polls thin out",
    ),
    (
        "poll_redemptions",
        "Paused",
        "An account or a promotion is not polled: couponbus watch resume",
    ),
    (
        "poll_redemptions",
        "Unauthorised",
        "Uniqodo or Koupon refuses our key: put a valid one there",
    ),
    ("poll_redemptions", "ContractBroken", "A provider answers what its contract does not allow"),
    ("poll_redemptions", "Misconfigured", "A watch names an account that is not deployed"),
    ("poll_redemptions", "UnknownErrorCodes", "Uniqodo gives a reason that nobody explained to us"),
    ("fan_out_webhooks", "Misconfigured", "An endpoint's pattern cannot be used: nothing is sent"),
    ("deliver_webhooks", "Disabled", "An endpoint is sent nothing any more: tell its owner"),
    ("deliver_webhooks", "Exhausted", "A webhook was given up: couponbus deliveries list"),
    ("deliver_webhooks", "Misconfigured", "An endpoint has no signing secret: rotate it"),
    ("deliver_webhooks", "RefusedAddresses", "An endpoint's name leads where nothing may be sent"),
    ("receive_callback", "Misconfigured", "A secret of callers is not as it must be: see the log"),
    ("receive_callback", "Stumbled", "A request met a mistake of ours: its log has the kind"),
)
# What one caller may do by mistake now and then, but not so often in five minutes.
SPIKES = (
    (
        "RefusedForged",
        20,
        "Sign-ups with a wrong signature: a producer with an old secret, or none",
    ),
    (
        "UnknownCallbacks",
        100,
        "Somebody calls with secrets that are none, or a provider with an old",
    ),
    ("Unreachable", 5, "Callers are sent away, as a queue or a secret cannot be reached"),
)
# The metric with which a function says that a tick came.
TICKS = {
    "sweep_due": ("Swept", "The sweeper missed three ticks: what must happen later does not"),
    "schedule_polls": ("Scheduled", "Three ticks were missed: nobody is polled meanwhile"),
}
LATENESS = (
    ("sweep_due", "OldestDueSeconds", "A ledger row is due for 15 minutes: it is swept in vain"),
    ("schedule_polls", "LagSeconds", "Turns of 15 minutes ago were not sent to a poller yet"),
)


class Monitoring(Stack):
    """Alarms, the topic they speak to, and one dashboard.

    It knows the other stacks by physical name only, so it can come and go by itself.
    """

    def __init__(self, scope: Construct, id_: str, *, names: Names) -> None:
        super().__init__(scope, id_, stack_name=id_)
        topic = self._topic(names)
        alarms = Alarms(self, "Alarms", topic=topic, names=names)
        _watch_queues(alarms, names)
        _watch_functions(alarms, names)
        _watch_facts(alarms)
        _watch_spikes(alarms)
        _watch_ticks(alarms)
        Overview(
            self,
            "Overview",
            names=names,
            functions=FUNCTIONS,
            work_queues=tuple(WORK_QUEUES),
            last_stops=tuple(LAST_STOPS),
        )
        CfnOutput(self, "AlarmTopicArn", value=topic.topic_arn)

    def _topic(self, names: Names) -> sns.Topic:
        topic = sns.Topic(self, "Topic", topic_name=names.of("alarms"), enforce_ssl=True)
        # A policy of its own replaces the default one, which had let CloudWatch in.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        return topic


def _watch_queues(alarms: Alarms, names: Names) -> None:
    for queue, why in LAST_STOPS.items():
        metric = queue_metric("ApproximateNumberOfMessagesVisible", queue=names.of(queue))
        alarms.when(Condition(id=f"{queue}-not-empty", metric=metric, above=0, why=why))
    for queue, why in WORK_QUEUES.items():
        metric = queue_metric("ApproximateAgeOfOldestMessage", queue=names.of(queue))
        alarms.when(
            Condition(id=f"{queue}-old", metric=metric, above=QUARTER_OF_AN_HOUR_S, why=why)
        )


def _watch_functions(alarms: Alarms, names: Names) -> None:
    for function in FUNCTIONS:
        for metric in ("Errors", "Throttles"):
            alarms.when(
                Condition(
                    id=f"{function}-{metric.lower()}",
                    metric=function_metric(metric, function=names.of(function), statistic="Sum"),
                    above=0,
                    why=f"{metric} of {function}: its log group says more",
                )
            )
    alarms.when(
        Condition(
            id="publish_events-behind",
            metric=function_metric(
                "IteratorAge", function=names.of("publish_events"), statistic="Maximum"
            ),
            above=HOUR_MS,
            why="Publishing is an hour behind; the stream forgets after 24",
        )
    )


def _watch_facts(alarms: Alarms) -> None:
    for service, name, why in FACTS:
        metric = own_metric(name, service=service, statistic="Sum")
        alarms.when(Condition(id=f"{service}-{name}", metric=metric, above=0, why=why))


def _watch_spikes(alarms: Alarms) -> None:
    service = "receive_callback"
    for name, above, why in SPIKES:
        metric = own_metric(name, service=service, statistic="Sum")
        alarms.when(Condition(id=f"{service}-{name}", metric=metric, above=above, why=why))


def _watch_ticks(alarms: Alarms) -> None:
    for service, (name, why) in TICKS.items():
        metric = own_metric(
            name, service=service, statistic="SampleCount", period=Duration.minutes(1)
        )
        alarms.when_silent(
            Condition(id=f"{service}-missing", metric=metric, above=0, why=why),
            periods=MISSED_TICKS,
        )
    for service, name, why in LATENESS:
        metric = own_metric(name, service=service, statistic="Maximum")
        alarms.when(
            Condition(id=f"{service}-behind", metric=metric, above=QUARTER_OF_AN_HOUR_S, why=why)
        )
