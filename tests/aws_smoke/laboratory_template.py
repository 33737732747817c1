"""The laboratory: queues, streams and probes beside the stage, each for one kind of fact."""

from collections.abc import Mapping

from couponbus_config.names import Names
from tests.e2e.engine.laboratory import arn, function, mapping, queue, ref, role, table

type Json = Mapping[str, object]
type Resources = Mapping[str, Json]

# A message or a row whose name begins with `bad` is reported as failed, one with `poison` raises.
REPORT = """
    import json, os, time, boto3
    sqs = boto3.client("sqs")

    def name_of(record):
        if "dynamodb" in record:
            return record["dynamodb"]["Keys"]["sk"]["S"]
        return record["body"][:60]

    def id_of(record):
        return record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["messageId"]

    def handler(event, context):
        began, records = time.time(), event["Records"]
        items = [name_of(each) for each in records]
        time.sleep(float(os.environ["SECONDS"]))
        report = {"items": items, "size": len(json.dumps(event)), "began": began}
        report["ended"] = time.time()
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(report))
        if any(item.startswith("poison") for item in items):
            raise ValueError("one record cannot be read")
        failed = [id_of(each) for each in records if name_of(each).startswith("bad")]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""
PROBE = """
    import boto3
    from botocore.exceptions import ClientError

    def handler(event, context):
        client = boto3.client(event["service"])
        try:
            answer = getattr(client, event["call"])(**event["arguments"])
        except ClientError as error:
            return error.response["Error"]["Code"]
        first = (answer.get("Entries") or answer.get("Responses") or [{}])[0]
        return first.get("ErrorCode") or first.get("Error", {}).get("Code", "")
"""
PARTIAL = ["ReportBatchItemFailures"]
QUEUE_ACTIONS = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage")
STREAM_ACTIONS = ("GetRecords", "GetShardIterator", "DescribeStream", "ListStreams")
PLACES = (
    "AWS::DynamoDB::Table",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::SQS::Queue",
)
RECEIVES = 3
LOW_WINDOW = 10


def template(*, names: Names, roles: Mapping[str, str], owing: str) -> Json:
    """Return the template.

    `roles` are the ARNs of roles of the stage, by the probe's name; `owing` is the filter of its
    stream.
    """
    resources = {
        "Reader": role(*_rights()),
        "Forger": role(("events:PutEvents", _bus(names))),
        **_bench("Slow", BatchSize=200, MaximumBatchingWindowInSeconds=LOW_WINDOW),
        **_bench("Burst", BatchSize=200, MaximumBatchingWindowInSeconds=5, Enabled=False),
        **_bench("Few", seconds=1, BatchSize=1),
        **_bench("Fair", seconds=1, BatchSize=50, MaximumBatchingWindowInSeconds=1, Enabled=False),
        **_bench("Large", BatchSize=200, MaximumBatchingWindowInSeconds=20, Enabled=False),
        **_bench("Failing", dead=True, BatchSize=10, MaximumBatchingWindowInSeconds=1),
        **_stream("Poison", BisectBatchOnFunctionError=True, Enabled=False),
        **_stream("Checkpoint", Enabled=False),
        **_stream("Filtered", FilterCriteria={"Filters": [{"Pattern": owing}]}),
        "Rows": _rows(),
        "Untouched": queue(),
        "Received": queue(),
        "Rings": queue(),
        "Events": queue(),
        "Policy": _open_to("Rings", "Events"),
        "Rule": _rule(names),
        "AsForger": function(PROBE, its_role="Forger"),
        **{f"As{who}": function(PROBE, its_role="", Role=its) for who, its in roles.items()},
    }
    outputs = {name: ref(name) for name, each in resources.items() if each["Type"] in PLACES}
    outputs |= {"RingsArn": arn("Rings")}
    return {
        "Description": "The laboratory of the smoke test: it may be deleted at any time",
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }


def _bench(name: str, *, seconds: float = 0, dead: bool = False, **settings: object) -> Resources:
    redrive = {"deadLetterTargetArn": arn(f"{name}Dead"), "maxReceiveCount": RECEIVES}
    source = queue(
        VisibilityTimeout=8 if dead else 60, **({"RedrivePolicy": redrive} if dead else {})
    )
    return {
        **({f"{name}Dead": queue()} if dead else {}),
        f"{name}In": source,
        **_reporting(name, seconds=seconds),
        f"{name}Mapping": mapping(
            source=arn(f"{name}In"),
            target=ref(f"{name}Reads"),
            ScalingConfig={"MaximumConcurrency": 2},
            FunctionResponseTypes=PARTIAL,
            **settings,
        ),
    }


def _stream(name: str, **settings: object) -> Resources:
    return {
        f"{name}Rows": _rows(StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}),
        f"{name}Dead": queue(),
        **_reporting(name, seconds=0),
        f"{name}Mapping": mapping(
            source={"Fn::GetAtt": [f"{name}Rows", "StreamArn"]},
            target=ref(f"{name}Reads"),
            StartingPosition="TRIM_HORIZON",
            BatchSize=100,
            MaximumBatchingWindowInSeconds=2,
            MaximumRetryAttempts=2,
            DestinationConfig={"OnFailure": {"Destination": arn(f"{name}Dead")}},
            FunctionResponseTypes=PARTIAL,
            **settings,
        ),
    }


def _reporting(name: str, *, seconds: float) -> Resources:
    variables = {"OUT": ref(f"{name}Out"), "SECONDS": str(seconds)}
    code = function(
        REPORT, its_role="Reader", Timeout=5, MemorySize=512, Environment={"Variables": variables}
    )
    return {f"{name}Out": queue(), f"{name}Reads": code}


def _rows(**properties: object) -> Json:
    names = ("pk", "sk")
    keys = zip(names, ("HASH", "RANGE"), strict=True)
    return table(
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        **properties,
    )


def _rights() -> list[tuple[str, object]]:
    queues, tables = (
        _own("sqs", "${AWS::StackName}-*"),
        _own("dynamodb", "table/${AWS::StackName}-*"),
    )
    return [
        *((f"sqs:{action}", queues) for action in QUEUE_ACTIONS),
        *((f"dynamodb:{action}", tables) for action in STREAM_ACTIONS),
    ]


def _own(service: str, what: str) -> Json:
    place = "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:"
    return {"Fn::Sub": place + what}


def _bus(names: Names) -> Json:
    return _own("events", f"event-bus/{names.base}")


def _rule(names: Names) -> Json:
    return {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventBusName": names.base,
            "EventPattern": {"source": [{"prefix": "couponbus."}]},
            "Targets": [{"Id": "events", "Arn": arn("Events")}],
        },
    }


def _open_to(*queues: str) -> Json:
    services = ["events.amazonaws.com", "sns.amazonaws.com"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": services},
        "Action": "sqs:SendMessage",
        "Resource": [arn(name) for name in queues],
    }
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [ref(name) for name in queues],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
