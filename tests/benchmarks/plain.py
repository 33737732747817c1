"""The textbook design: Powertools for everything, one record after the other."""

import json
import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
import requests
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel, SqsRecordModel
from pydantic import BaseModel, Json

from couponbus.events.sign_up import CustomerSignedUp
from tests.benchmarks.load import OFFER_ID, Context, SqsEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SERVICE = "plain"
API_KEY = "test-key-not-real"


class SignUpEvent(EventBridgeModel):
    detail: CustomerSignedUp


class SignUpRecord(SqsRecordModel):
    body: Json[SignUpEvent]


class Barcode(BaseModel):
    barcode_number: str
    offer_id: int
    customer_id: int
    tracking_code: str


logger = Logger(service=SERVICE)
metrics = Metrics(namespace="plain", service=SERVICE)
processor = BatchProcessor(event_type=EventType.SQS, model=SignUpRecord)
config = IdempotencyConfig(event_key_jmespath="signup_id")
store = DynamoDBPersistenceLayer(table_name="idempotency")


@cache
def events() -> "EventBridgeClient":
    return boto3.client("events")


@cache
def session() -> requests.Session:
    opened = requests.Session()
    opened.headers.update({"Authorization": f'ApiKey key="{API_KEY}"', "x-api-version": "2.0"})
    return opened


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="sign_up", persistence_store=store, config=config
)
def issue(*, sign_up: CustomerSignedUp) -> dict[str, object]:
    """Issue the barcode and publish the event."""
    spec = {
        "offer_id": OFFER_ID,
        "customer_id": sign_up.customer.coniq_customer_id,
        "channel": "MOBILE",
        "tracking_code": sign_up.signup_id,
    }
    answer = session().post(f"{os.environ['PROVIDER_URL']}/barcode", json=spec, timeout=30)
    answer.raise_for_status()
    barcode = Barcode.model_validate_json(answer.content)
    detail: dict[str, object] = {
        "signup_id": sign_up.signup_id,
        "last": barcode.barcode_number[-4:],
    }
    events().put_events(
        Entries=[
            {
                "EventBusName": "bus",
                "Source": "plain",
                "DetailType": "BarcodeIssued",
                "Detail": json.dumps(detail),
            }
        ]
    )
    return detail


def record_handler(record: SignUpRecord) -> None:
    sign_up = record.body.detail
    issue(sign_up=sign_up)
    logger.info("barcode issued", extra={"signup_id": sign_up.signup_id})
    metrics.add_metric(name="Issued", unit=MetricUnit.Count, value=1)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: SqsEvent, context: Context) -> PartialItemFailureResponse:
    config.register_lambda_context(context)  # type: ignore[arg-type]
    return process_partial_response(
        event=dict(event),
        record_handler=record_handler,
        processor=processor,
        context=context,  # type: ignore[arg-type]
    )
