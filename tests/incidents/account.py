"""An AWS account in simulated time: its stages, metrics and alarms, minute by minute."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.budget import PollAccount
from tests.fakes.clock import NOON, ManualClock
from tests.incidents.alarms import Alarms
from tests.incidents.datapoints import MINUTE, Datapoints, Minute, metric_key, minute_of
from tests.incidents.functions import FunctionFailed, Functions
from tests.incidents.queues import Queue, Queued
from tests.incidents.stage import ISSUING, POLLED, Stage
from tests.incidents.template import QueueMapping, StageTemplate

ROUNDS = 4  # a message passes that many queues within a minute
STREAM_BATCH = 100
HOUR = 60  # minutes
TICKS = ("schedule_polls", "sweep_due")
HEARTBEATS = (("sweep_due", "Swept"), ("schedule_polls", "Scheduled"))
AUDIT = (2, 17)  # UTC
TRIES_OF_A_TICK = 4

type Traffic = Callable[["RunningStage"], None]


class Account:
    """Runs its stages together; `alarms` are those of all of them."""

    def __init__(
        self,
        *templates: StageTemplate,
        began: datetime = NOON,
        programs: tuple[Program, ...] = (ISSUING,),
        polled: tuple[PollAccount, ...] = POLLED,
    ) -> None:
        self.clock = ManualClock(began)
        self.datapoints = Datapoints()
        self.stages = [
            RunningStage(one, self, programs=programs, polled=polled) for one in templates
        ]
        rules = [rule for one in templates for rule in one.rules()]
        self.alarms = Alarms(rules, self.datapoints, began=self.minute)

    @property
    def minute(self) -> Minute:
        return minute_of(self.clock.present)

    def run(self, minutes: int, *, stride: int = 1) -> None:
        """Let time pass; with a stride only each so many minutes are simulated.

        In the minutes between nothing but the ticks run, without work.
        """
        for _ in range(0, minutes, stride):
            for _ in range(stride - 1):
                for stage in self.stages:
                    stage.rest()
                self.clock.pass_time(MINUTE)
                if self.minute % HOUR == 0:
                    self.alarms.evaluate(at=self.minute)
            for stage in self.stages:
                stage.pass_minute(stride=stride)
            self.clock.pass_time(MINUTE)
            self.alarms.evaluate(at=self.minute)


class RunningStage:
    """A stage with its functions, and the sign-ups that come in each minute."""

    def __init__(
        self,
        template: StageTemplate,
        account: Account,
        *,
        programs: tuple[Program, ...],
        polled: tuple[PollAccount, ...],
    ) -> None:
        self.template = template
        self.name = template.stage
        self.clock = account.clock
        self._datapoints = account.datapoints
        self.minutes, self.stride = 0, 1  # that have passed, and that pass at once
        self.is_throttled = False
        # The alarms find the id in this parameter.
        self.api = {"ApiId": f"/couponbus/{self.name}/callbacks/api-id"}
        self.parts = Stage(
            template,
            clock=account.clock,
            on_refusal=self._refused,
            programs=programs,
            polled=polled,
        )
        self.functions = Functions(self.parts, datapoints=account.datapoints)
        self.traffic: list[Traffic] = []
        self._stream_tries = 0

    @property
    def queues(self) -> dict[str, Queue]:
        return self.parts.queues

    def pass_minute(self, *, stride: int = 1) -> None:
        """Do all that happens in a minute at its first second."""
        self.stride = stride
        for send in [*self.traffic]:
            send(self)
        self.minutes += stride
        self._tick()
        for _ in range(ROUNDS):
            self._read_stream()
            worked = [self._work(mapping) for mapping in self.template.mappings]
            if not any(worked):
                break
        for queue in self.queues.values():
            queue.report(self._datapoints, now=self.clock.present, minute=self._minute)

    def rest(self) -> None:
        """Let a minute pass in which the ticks have nothing to do."""
        for function, heartbeat in HEARTBEATS:
            if function not in self.parts.stopped:
                self.put("couponbus", heartbeat, 1.0, stage=self.name, service=function)

    def put(self, namespace: str, name: str, value: float, **dimensions: str) -> None:
        """Report a metric as a service of AWS does."""
        key = metric_key(namespace, name, **dimensions)
        self._datapoints.put(key, value, minute=self._minute)

    @property
    def _minute(self) -> Minute:
        return minute_of(self.clock.present)

    def _tick(self) -> None:
        due = [*TICKS, "audit_barcodes"] if self._audits() else TICKS
        for function in due:
            if function not in self.parts.stopped:
                self._start(function)

    def _audits(self) -> bool:
        now = self.clock.present
        hour, minute = AUDIT
        planned = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return now - timedelta(minutes=self.stride) < planned <= now

    def _start(self, function: str) -> None:
        """Invoke as a schedule does: once, and what fails goes to its destination.

        What the schedule itself cannot invoke it tries three times more.
        """
        if function in self.parts.not_invoked:
            group = {"ScheduleGroup": f"couponbus-{self.name}"}
            self.put("AWS/Scheduler", "TargetErrorCount", TRIES_OF_A_TICK, **group)
            self._send("undelivered", json.dumps({"function": function}))
            return
        try:
            self.functions.invoke(function, {})
        except FunctionFailed as failed:
            self._send("undelivered", json.dumps({"function": function, "error": str(failed)}))

    def _work(self, mapping: QueueMapping) -> bool:
        """Invoke a function with what its queue has; returns whether there was anything."""
        if mapping.function in self.parts.stopped:
            return False
        queue, has_worked = self.queues[mapping.queue], False
        while taken := queue.receive(mapping.batch, now=self.clock.present):
            has_worked = True
            try:
                answer = self.functions.invoke(mapping.function, _batch(queue.name, taken))
            except FunctionFailed:
                continue
            failed = _failed_in(answer)
            queue.delete(one.message_id for one in taken if one.message_id not in failed)
        return has_worked

    def _read_stream(self) -> None:
        """Try the oldest records once, and give them up after as many tries as the mapping has."""
        stream = self.parts.ledger.stream
        if "publish_events" in self.parts.stopped:
            return
        while stream:
            batch = [record for _, record in stream[:STREAM_BATCH]]
            age = (self.clock.present - stream[0][0]).total_seconds() * 1000
            self.put("AWS/Lambda", "IteratorAge", age, FunctionName=self._name_of("publish_events"))
            try:
                answer = self.functions.invoke("publish_events", {"Records": batch})
            except FunctionFailed:
                done = 0
            else:
                failed = _failed_in(answer)
                numbers = [one["dynamodb"]["SequenceNumber"] for one in batch]
                done = next((at for at, one in enumerate(numbers) if one in failed), len(batch))
            del stream[:done]
            if done:
                self._stream_tries = 0
                continue
            self._stream_tries += 1
            if self._stream_tries > self.template.stream_retries:
                self._stream_tries = 0
                del stream[: len(batch)]
                self._send("unpublished", json.dumps({"records": len(batch)}))
            return

    def _name_of(self, function: str) -> str:
        return f"couponbus-{self.name}-{function}"

    def _send(self, queue: str, body: str) -> None:
        self.queues[queue].send([body], now=self.clock.present)

    def _refused(self, kind: str) -> None:
        """Report a call that DynamoDB throttled, as far as alarms read it."""
        if not self.is_throttled:
            return
        table = {"TableName": f"couponbus-{self.name}"}
        if kind == "BatchGetItem":
            self.put("AWS/DynamoDB", "ReadThrottleEvents", 1.0, **table)
        else:
            self.put("AWS/DynamoDB", "ThrottledRequests", 1.0, **table, Operation=kind)


def _batch(queue: str, taken: Sequence[Queued]) -> dict[str, object]:
    return {
        "Records": [
            {
                "messageId": one.message_id,
                "body": one.body,
                "eventSourceARN": f"arn:aws:sqs:eu-west-1:000000000000:{queue}",
            }
            for one in taken
        ]
    }


def _failed_in(answer: object) -> set[str]:
    assert isinstance(answer, dict)
    return {one["itemIdentifier"] for one in answer["batchItemFailures"]}
